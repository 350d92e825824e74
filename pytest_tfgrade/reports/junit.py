"""``junit.xml``: a test suite for each submission, a test case for each criterion.

Written for what CI systems read, which differs:

=======================  ============================================================
GitLab, EnricoMi's and   tell test cases apart by class and name, some by file and
mikepenz's actions       name: both say whose the criterion is
Jenkins                  the same, and keeps properties: points are there
Artemis                  by name alone, if there is one suite; else by suite and name:
                         in a run of one submission names are the same for everybody
dorny's action           the names of suite and class, the message of a failure
=======================  ============================================================
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from gettext import NullTranslations
from typing import Final
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite

from pytest_tfgrade.core.criterion import CriterionResult, RunRecord
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.score import measured, points_text, score_text
from pytest_tfgrade.core.text import printable, with_visible_ends
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.languages import translations
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.html.file_names import safe_file_name
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request
from pytest_tfgrade.reports.notes import NOT_ISOLATED

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
"""Not ElementTree's: it names the encoding of the locale."""

_ENDING: Final = "</testsuites>"

_COUNTS: Final = {"failures": "failure", "errors": "error", "skipped": "skipped"}
"""Attributes of suites, and the findings that they count."""


class JunitReport:
    """What candidates may see of the grades, for CI systems."""

    file_name = "junit.xml"
    audience = Audience.CANDIDATE

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the grades as JUnit XML, without clock, host name or paths of ours."""
        text = _document(for_candidates(gradebook), request)
        yield ReportFile(name=self.file_name, text=text)


def _document(gradebook: Gradebook, request: Request) -> Iterator[str]:
    """Yield the document, suite by suite; what the root counts is counted before."""
    root = ElementTree.Element(
        "testsuites", {"name": printable(gradebook.exam), **_counts(gradebook.grades)}
    )
    root.text = "\n" if gradebook.grades else None
    whole = ElementTree.tostring(root, encoding="unicode")
    opening = whole.removesuffix(_ENDING)
    yield _DECLARATION + opening
    words = translations(request.language)
    for grade in gradebook.grades:
        suite = _suite(grade, words, isolated=gradebook.isolated)
        _attach(suite, grade, request)
        ElementTree.indent(suite, level=1)
        yield f"  {ElementTree.tostring(suite, encoding='unicode')}\n"
    yield f"{whole.removeprefix(opening)}\n"


def _counts(grades: Iterable[Grade]) -> dict[str, str]:
    found: Counter[str | None] = Counter()
    seconds = 0.0
    for grade in grades:
        found.update(_finding(task, c) for task in grade.tasks for c in task.criteria)
        seconds += _elapsed(grade)
    counts = {name: str(found[finding]) for name, finding in _COUNTS.items()}
    return {"tests": str(found.total()), **counts, "time": f"{seconds:.3f}"}


def _finding(task: TaskGrade, criterion: CriterionResult) -> str | None:
    """Return the element that says what became of a criterion; None if it passed."""
    if task.tolerates(criterion):
        return "skipped"
    match criterion.verdict:
        case Verdict.PASSED:
            return None
        case Verdict.PARTIAL | Verdict.FAILED:
            return "failure"
        case Verdict.SKIPPED:
            return "skipped"
        case Verdict.ERROR:
            return "error"


def _suite(
    grade: Grade, words: NullTranslations, *, isolated: bool
) -> ElementTree.Element:
    graded = [(task, result) for task in grade.tasks for result in task.criteria]
    # Two ids that differ in blanks alone must not look the same.
    whose = f"tfgrade.{printable(with_visible_ends(grade.id))}"
    suite: ElementTree.Element = TestSuite(
        printable(grade.id),
        [_case(whose, task, criterion, words) for task, criterion in graded],
        properties=dict(_suite_properties(grade, isolated)),
        stdout=None if isolated else NOT_ISOLATED,
    ).build_xml_doc()
    suite.set("time", f"{_elapsed(grade):.3f}")
    for element, (task, criterion) in zip(suite.iter("testcase"), graded, strict=True):
        # A model is loaded and called once for all criteria: the first one takes it.
        first = criterion is task.criteria[0]
        element.set("time", f"{_seconds(task) if first else 0:.3f}")
        element.insert(0, _properties(dict(_case_properties(task, criterion))))
    return suite


def _attach(suite: ElementTree.Element, grade: Grade, request: Request) -> None:
    """Let GitLab and Jenkins link from what went wrong to the candidate's page."""
    if request.pages is None:
        return
    page = f"{request.pages}/{safe_file_name(grade.id)}.html"
    for case in suite.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            element = ElementTree.SubElement(case, "system-out")
            element.text = f"[[ATTACHMENT|{printable(page)}]]"


def _case(
    whose: str, task: TaskGrade, criterion: CriterionResult, words: NullTranslations
) -> TestCase:
    case = TestCase(
        # No id holds a colon, so no two pairs have the same name.
        f"{printable(task.id)}::{printable(criterion.id)}",
        classname=whose,
        file=task.artifact and printable(task.artifact.path),
    )
    _ = words.gettext
    score = score_text(criterion.points, criterion.max_points)
    # Never empty: the library drops findings that say nothing.
    ending = _("(%(score)s points)") % {"score": score}
    message = f"{printable(criterion.rationale)} {ending}"
    comment = criterion.override.comment if criterion.override else None
    told = [printable(text) for text in (criterion.hint, comment) if text]
    body = "\n".join([message, *told])
    kind = printable(criterion.code or criterion.verdict.value)
    finding = _finding(task, criterion)
    if finding == "failure":
        case.add_failure_info(message, body, kind)
    elif finding == "error":
        case.add_error_info(message, body, kind)
    elif finding == "skipped":
        case.add_skipped_info(message, body)
    return case


def _suite_properties(grade: Grade, isolated: bool) -> Iterator[tuple[str, str]]:
    if grade.points is not None:
        yield "tfgrade.points", points_text(grade.points)
    yield "tfgrade.max_points", points_text(grade.max_points)
    if grade.raw is not None and grade.raw != grade.points:
        yield "tfgrade.raw", points_text(grade.raw)
    if grade.penalty is not None and grade.penalty_points is not None:
        yield "tfgrade.penalty", points_text(grade.penalty_points)
    yield from _override_properties("tfgrade", grade.override)
    for task in grade.tasks:
        if task.override is not None:
            name = f"tfgrade.task.{printable(task.id)}"
            if task.raw is not None:
                yield f"{name}.raw", points_text(task.raw)
            yield from _override_properties(name, task.override)
    if grade.passed is not None:
        yield "tfgrade.passed", str(grade.passed).lower()
    yield "tfgrade.isolated", str(isolated).lower()
    yield "tfgrade.complete", str(grade.complete).lower()


def _override_properties(
    name: str, override: Override | None
) -> Iterator[tuple[str, str]]:
    if override is None:
        return
    if override.points is not None:
        yield f"{name}.override", points_text(override.points)
    if override.comment:
        yield f"{name}.comment", printable(override.comment)


def _case_properties(
    task: TaskGrade, criterion: CriterionResult
) -> Iterator[tuple[str, str]]:
    if criterion.points is not None:
        yield "tfgrade.points", points_text(criterion.points)
    yield "tfgrade.max_points", points_text(criterion.max_points)
    if criterion.override is not None and criterion.raw is not None:
        yield "tfgrade.raw", points_text(criterion.raw)
    yield from _override_properties("tfgrade", criterion.override)
    if criterion.group is not None:
        yield "tfgrade.group", printable(criterion.group)
    if criterion.bonus:
        yield "tfgrade.bonus", "true"
    yield "tfgrade.verdict", criterion.verdict.value
    yield from _measured_properties(criterion)
    if criterion.code is not None:
        yield "tfgrade.code", printable(criterion.code)
    if task.artifact is not None:
        yield "tfgrade.sha256", printable(task.artifact.sha256)
    if task.run is not None and criterion is task.criteria[0]:
        yield from _run_properties(task.run)


def _measured_properties(criterion: CriterionResult) -> Iterator[tuple[str, str]]:
    value = measured(criterion.value)
    if value is not None:
        yield "tfgrade.value", str(value)
    if criterion.uncertainty is not None:
        yield "tfgrade.n", str(criterion.uncertainty.n)
        error = measured(criterion.uncertainty.standard_error)
        yield "tfgrade.standard_error", str(error)
    if criterion.borderline:
        yield "tfgrade.borderline", "true"


def _run_properties(run: RunRecord) -> Iterator[tuple[str, str]]:
    yield "tfgrade.runtime", printable(run.runtime)
    if run.repairs:
        yield "tfgrade.repairs", printable(", ".join(run.repairs))
    if run.adapted:
        yield "tfgrade.adapted", printable("; ".join(run.adapted))


def _properties(texts: Mapping[str, str]) -> ElementTree.Element:
    element = ElementTree.Element("properties")
    for name, value in texts.items():
        ElementTree.SubElement(element, "property", {"name": name, "value": value})
    return element


def _elapsed(grade: Grade) -> float:
    """Return the seconds of tasks with a test case to carry them: so sums agree."""
    return sum(_seconds(task) for task in grade.tasks if task.criteria)


def _seconds(task: TaskGrade) -> float:
    return round(sum(task.seconds.values()), 3)
