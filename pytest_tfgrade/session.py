"""The plugin while it grades: registered only when a run is asked to."""

import gc
import shutil
import traceback
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from pytest_tfgrade.adjusting import Adjustments, adjustments_for, require_outside
from pytest_tfgrade.adjustments import Known
from pytest_tfgrade.collection import CriterionItem, Grades, criterion_items
from pytest_tfgrade.core.errors import (
    DatasetError,
    RunnerError,
    TfgradeError,
)
from pytest_tfgrade.core.globs import is_chosen
from pytest_tfgrade.core.grade import Gradebook, TaskGrade
from pytest_tfgrade.core.submission import Submission
from pytest_tfgrade.core.text import printable, printable_lines
from pytest_tfgrade.datasets import EvaluationDataset
from pytest_tfgrade.distribution import is_controller, is_worker
from pytest_tfgrade.engine import Course, GradingRun, Job, read_course
from pytest_tfgrade.engine.discovery import take_in
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.engine.intake.parts import one_form
from pytest_tfgrade.engine.intake.roster import read_roster
from pytest_tfgrade.engine.submission_folder import Asked
from pytest_tfgrade.engine.watching import UNWATCHED
from pytest_tfgrade.extending import extensions, load_plugins
from pytest_tfgrade.ledger import Entry, Ledger, Making, attach, making_of
from pytest_tfgrade.progress import Progress, progress_of
from pytest_tfgrade.protocol import report_criterion
from pytest_tfgrade.reports import Audience
from pytest_tfgrade.reports.audience import for_candidates, task_for_candidates
from pytest_tfgrade.reports.in_language import in_language
from pytest_tfgrade.reports.line import Tone
from pytest_tfgrade.reports.summary import render_summary
from pytest_tfgrade.resources import open_cache, open_runner
from pytest_tfgrade.selection import require_known, selected
from pytest_tfgrade.settings import Settings
from pytest_tfgrade.signals import end_as_by_ctrl_c, end_undisturbed
from pytest_tfgrade.writing import Order, ordered, rehearse, write_reports

_COLOURS: Final = {
    Tone.GOOD: {"green": True},
    Tone.PARTIAL: {"yellow": True},
    Tone.BAD: {"red": True},
    Tone.ERROR: {"red": True, "bold": True},
    Tone.PLAIN: {},
}


_MANY_ITEMS: Final = 10_000
"""From here on, looking again and again through all items for cycles takes a fourth of
the time; they live as long as the process."""


class GradingSession:
    """Collects criteria, grades them in the background, writes the reports."""

    extensions: Extensions
    course: Course
    submissions: tuple[Submission, ...]
    ledger: Ledger
    notices: tuple[str, ...] = ()

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        """Read nothing yet."""
        self._config = config
        self._settings = settings
        self._run: GradingRun | None = None
        self._progress: Progress | None = None
        self._adjustments = Adjustments()
        self._order: Order | None = None
        self._not_written = ""
        self._keeps = False
        self._is_interrupted = False
        self._last_making: tuple[Job, Making] | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Read rubrics, find submissions; every mistake in them ends the run here."""
        self._progress = progress_of(self._config, self._all_jobs)
        if self._progress is not None:
            self._config.pluginmanager.register(self._progress, "tfgrade-progress")
        try:
            load_plugins(self._config.pluginmanager)
            self.extensions = extensions(self._config.pluginmanager)
            whole = self._read_course()
            self.course = selected(whole, self._settings.tasks)
            self.submissions = self._discover(whole)
            self.ledger = Ledger(
                whole, self.submissions, self._settings.revealed, self.notices
            )
            self._adjustments = self._read_adjustments(whole)
            self._order = self._ordered()
            if is_controller(self._config) and not self._config.option.collectonly:
                self.run.check(self._all_jobs())  # here, and not in every worker
        except TfgradeError as error:
            raise pytest.UsageError(printable_lines(str(error))) from None

    def pytest_report_header(self) -> list[str]:
        """Say how submissions were taken in, where that could be otherwise."""
        if self._settings.audience is Audience.CANDIDATE:
            return []
        return [f"tfgrade: {notice}" for notice in self.notices]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Add the criteria, before ``-k``, ``--lf`` and the like choose among items."""
        items[:0] = criterion_items(
            session,
            self.submissions,
            self.course.rubrics,
            Grades(self.grade, self._shown),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Read the hidden data and begin to grade what was selected."""
        if self._config.option.collectonly or session.testsfailed:
            return
        if is_controller(self._config):
            return
        jobs = [item.job for item in session.items if isinstance(item, CriterionItem)]
        if len(jobs) > _MANY_ITEMS:
            gc.freeze()
        end_as_by_ctrl_c(self._config)
        try:
            self.run.begin(jobs, ahead=not is_worker(self._config))
        except TfgradeError as error:
            raise pytest.UsageError(printable_lines(str(error))) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Report a criterion; leave tests to pytest."""
        if not isinstance(item, CriterionItem):
            return None
        report_criterion(item)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report of a criterion carry its result."""
        report = yield
        if isinstance(item, CriterionItem) and call.excinfo and report.failed:
            report.longrepr = item.repr_failure(call.excinfo)  # also of its setup
        if isinstance(item, CriterionItem) and isinstance(report.longrepr, tuple):
            place = f"{item.job.submission}::{item.job.task}"  # not ours, on this disk
            report.longrepr = place, 1, report.longrepr[2]
        said = report.when == "call" or (report.when == "setup" and not report.passed)
        if said and isinstance(item, CriterionItem):
            entry = Entry(
                submission=item.job.submission,
                task=item.job.task,
                result=item.result,
                making=self._making(item),
            )
            if is_worker(self._config):
                attach(report, entry)
            else:
                self.ledger.note(entry)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a result that comes from one of xdist's workers."""
        self.ledger.take(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Let a second Ctrl-C not take the reports of the first."""
        self._is_interrupted = True
        end_undisturbed(self._config)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End all processes, then write the reports, also of a run cut short."""
        end_undisturbed(self._config)
        if self._run is not None:
            self.ledger.notices += tuple(map(printable, self._run.notices))
            self._run.close()
        if self._order is not None and not is_worker(self._config):
            gradebook = self._gradebook()
            try:
                if gradebook.grades:  # else what an earlier run wrote stays
                    write_reports(gradebook, self._order)
            except RunnerError as error:
                where = self._settings.report
                self._not_written = f"could not write reports to {where}: {error}"
                session.exitstatus = RunnerError.exit_code

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Show the grades."""
        if not hasattr(self, "ledger") or self._config.option.collectonly:
            return
        gradebook = self._gradebook()
        if not gradebook.grades:
            return
        terminalreporter.section("grades")
        width = shutil.get_terminal_size().columns
        reasons = self._config.get_verbosity() >= 0
        notices = gradebook.notices
        if self._settings.audience is Audience.CANDIDATE:
            gradebook = for_candidates(in_language(gradebook, self._settings.language))
        for line in render_summary(gradebook, width, reasons=reasons):
            terminalreporter.write_line(line.text, **_COLOURS[line.tone])
        for text in self._how_graded(notices):
            terminalreporter.write_line(text)
        if self._not_written:
            terminalreporter.write_line(self._not_written, red=True, bold=True)
        elif self._order is not None:
            text = f"wrote {self._order.names} to {self._settings.report}"
            terminalreporter.write_line(text)

    def _how_graded(self, notices: tuple[str, ...]) -> Iterator[str]:
        """Yield what the grader should know of how the grades came about."""
        if self._settings.audience is Audience.CANDIDATE:
            return
        yield from notices
        if self._is_interrupted and self._keeps:
            yield "what was graded is kept: the same command goes on from there"
        recalled = self.ledger.recalled
        if recalled:
            come = "grade comes" if recalled == 1 else "grades come"
            text = f"{recalled} {come} from the cache: the same was graded before"
            yield f"{text}; --tfgrade-cache=off grades everything anew"

    @property
    def run(self) -> GradingRun:
        """The engine's side of this session."""
        if self._run is None:
            store, notice = open_cache(self._settings)
            self._keeps = store is not None
            self.ledger.notices += (printable(notice),) if notice else ()
            runner, workers = open_runner(self._config, self._settings, self.course)
            self._run = GradingRun(
                self.course,
                self.submissions,
                runner=runner,
                load_dataset=self._load_dataset,
                workers=workers,
                extensions=self.extensions,
                store=store,
                mode=self._settings.sandbox,
                watch=self._progress or UNWATCHED,
            )
        return self._run

    def grade(self, job: Job) -> TaskGrade:
        """Return the grade of a job; waits for it."""
        show = None if self._progress is None else self._progress.show
        return self.run.grade(job, show)

    def _making(self, item: CriterionItem) -> Making:
        """Return how the task of a criterion was graded; found out once for all."""
        if self._last_making is None or self._last_making[0] != item.job:
            making = making_of(item.job, item.task_grade, self.run)
            self._last_making = item.job, replace(making, portrait=None)
            return making  # once with what can be shown of the model: that is large
        return self._last_making[1]

    def _shown(self, grade: TaskGrade) -> TaskGrade:
        """Return what whoever reads along may see of a grade."""
        if self._settings.audience is Audience.GRADER:
            return grade
        return task_for_candidates(grade, self._settings.revealed)

    def _read_course(self) -> Course:
        hook = self._config.hook.pytest_tfgrade_load_dataset
        return read_course(
            self._settings.rubrics,
            self._settings.data,
            data_from_hook=bool(hook.get_hookimpls()),
            extensions=self.extensions,
        )

    def _discover(self, course: Course) -> tuple[Submission, ...]:
        roster = self._settings.roster
        intake = take_in(
            self._settings.submissions,
            Asked(course.artifact_names, course.source_names),
            course.handing_in,
            None if roster is None else read_roster(roster),
        )
        self.notices, found = intake.notices, intake.submissions
        wanted = tuple(map(one_form, self._settings.candidates))
        ids = [submission.id for submission in found]
        require_known("--tfgrade-candidate", wanted, ids, "submission")
        return tuple(s for s in found if is_chosen(s.id, wanted))

    def _all_jobs(self) -> list[Job]:
        tasks = [rubric.task for rubric in self.course.rubrics]
        return [Job(s.id, task) for s in self.submissions for task in tasks]

    def _load_dataset(self, name: str, folder: Path) -> EvaluationDataset | None:
        what = f"the hook pytest_tfgrade_load_dataset, asked for {name!r}, "
        try:
            loaded = self._config.hook.pytest_tfgrade_load_dataset(
                config=self._config, name=name, folder=folder
            )
        except Exception:
            raise DatasetError(f"{what}failed:\n{traceback.format_exc()}") from None
        if loaded is None or isinstance(loaded, EvaluationDataset):
            return loaded
        remedy = "return EvaluationDataset.of(name, inputs, targets), or None"
        raise DatasetError(f"{what}returned a {type(loaded).__name__}; {remedy}")

    def _gradebook(self) -> Gradebook:
        """Return the grades so far, with the points that count."""
        return self._adjustments.of(self.ledger.gradebook())

    def _read_adjustments(self, course: Course) -> Adjustments:
        asked = self._settings
        require_outside(asked.extensions, asked.submissions, "--tfgrade-extensions")
        require_outside(asked.overrides, asked.submissions, "--tfgrade-overrides")
        known = Known(
            candidates={s.id: s.people for s in self.submissions},
            tasks=course.worth,
            whole=not asked.candidates and len(self.submissions) > 1,
        )
        return adjustments_for(known, course.late, asked.extensions, asked.overrides)

    def _ordered(self) -> Order | None:
        """Return which reports are to be written; None if none are.

        Raises:
            UsageError: One cannot be made of what was asked for.
        """
        order = ordered(self._settings, self.extensions.reports)
        if order is not None and not is_worker(self._config):
            rehearse(order, self.ledger.nothing_graded())
        return order
