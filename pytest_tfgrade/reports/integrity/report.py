"""The report on integrity: who is alike, for graders, without any points."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.csv_lines import csv_lines, yes_or_no
from pytest_tfgrade.reports.html.pages import page
from pytest_tfgrade.reports.integrity.finding import Finding, Kind, Looked
from pytest_tfgrade.reports.integrity.measured import MEASURED
from pytest_tfgrade.reports.integrity.wording import (
    CAUTION,
    GIVEN,
    MEANINGS,
    TITLES,
    chance,
    facts,
    measures,
)
from pytest_tfgrade.reports.interface import Audience, ReportFile, Request
from pytest_tfgrade.reports.notes import NOT_ISOLATED

SCHEMA: Final = 1
"""Of ``findings.json``: keys are added to it, never renamed."""

HEADER: Final = (
    "task",
    "finding",
    "kind",
    "submission",
    "alike",
    "compared",
    "may_be_given",
    "with",
    "measured",
)
"""Columns of ``findings.csv``: a row for each submission of each finding. ``alike`` is
how many a finding has; ``with`` the one that is nearest to this one."""

MOST_SHOWN: Final = 100
"""Submissions of a finding that the page names; the table has them all."""


class IntegrityReport:
    """A page, ``findings.json`` and ``findings.csv``: hints for a person, no proof."""

    file_name = "integrity"
    audience = Audience.GRADER

    def render(self, gradebook: Gradebook, request: Request) -> Iterator[ReportFile]:
        """Yield the files; all words are English."""
        del request
        from pytest_tfgrade.reports.integrity.search import search  # noqa: PLC0415

        found = search(gradebook)
        looked, findings = found.looked, found.findings
        yield ReportFile(
            name=f"{self.file_name}/index.html", text=_page(gradebook, looked, findings)
        )
        yield ReportFile(
            name=f"{self.file_name}/findings.json",
            text=_json(gradebook, looked, findings),
        )
        yield ReportFile(
            name=f"{self.file_name}/findings.csv", text=csv_lines(_rows(findings))
        )


def _page(
    gradebook: Gradebook, looked: tuple[Looked, ...], findings: tuple[Finding, ...]
) -> Iterator[str]:
    titles = {task.id: task.title for g in gradebook.grades for task in g.tasks}
    yield from page(
        "integrity.html",
        DEFAULT,
        exam=gradebook.exam,
        caution=CAUTION,
        not_isolated=None if gradebook.isolated else NOT_ISOLATED,
        given=GIVEN,
        tasks=[(one, titles[one.task], _of_task(findings, one.task)) for one in looked],
        title=TITLES,
        meaning=MEANINGS,
        chance=chance,
        facts=facts,
        measures=measures,
        most_shown=MOST_SHOWN,
    )


def _of_task(
    findings: Iterable[Finding], task: str
) -> list[tuple[Kind, list[Finding]]]:
    """Return what was found in a task, kind by kind."""
    own = [finding for finding in findings if finding.task == task]
    kinds = [(kind, [one for one in own if one.kind is kind]) for kind in Kind]
    return [(kind, group) for kind, group in kinds if group]


def _json(
    gradebook: Gradebook, looked: tuple[Looked, ...], findings: tuple[Finding, ...]
) -> Iterator[str]:
    """Yield the file, one finding after the other."""
    head = {
        "schema": SCHEMA,
        "exam": printable(gradebook.exam),
        "note": CAUTION,
        "kinds": {
            kind.value: {
                "title": TITLES[kind],
                "meaning": MEANINGS[kind],
                "trained_apart": MEASURED[kind].pairs,
                "false_alarms": MEASURED[kind].alarms,
            }
            for kind in Kind
        },
        "compared": [
            {
                "task": printable(one.task),
                "files": one.files,
                "weights": one.weights,
                "layouts": one.layouts,
                "answers": one.answers,
            }
            for one in looked
        ],
    }
    yield _dumped(head).removesuffix("\n}") + ',\n  "findings": ['
    comma = ""
    for finding in findings:
        yield f"{comma}\n    " + _dumped(_tree(finding)).replace("\n", "\n    ")
        comma = ","
    yield "\n  ]\n}\n" if findings else "]\n}\n"


def _dumped(tree: dict[str, Any]) -> str:
    return json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False)


def _tree(finding: Finding) -> dict[str, Any]:
    return {
        "task": printable(finding.task),
        "kind": finding.kind.value,
        "submissions": [printable(name) for name in finding.who],
        "compared": finding.compared,
        "may_be_given": finding.may_be_given,
        "evidence": _plain(finding.evidence),
        "pairs": [
            {"a": printable(pair.a), "b": printable(pair.b), **_plain(pair.evidence)}
            for pair in finding.pairs
        ],
        "pairs_left_out": finding.left_out,
    }


def _plain(evidence: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping of figures
    return {
        name: printable(value) if isinstance(value, str) else value
        for name, value in evidence.items()
    }


def _rows(findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for number, finding in enumerate(findings, start=1):
        nearest: dict[str, tuple[str, str]] = {}
        for pair in finding.pairs:
            measured = measures(finding.kind, pair.evidence)
            nearest.setdefault(pair.a, (pair.b, measured))
            nearest.setdefault(pair.b, (pair.a, measured))
        told = " ".join(facts(finding))
        for who in finding.who:
            yield (
                finding.task,
                str(number),
                finding.kind.value,
                who,
                str(len(finding.who)),
                str(finding.compared),
                yes_or_no(finding.may_be_given),
                *nearest.get(who, ("", told)),
            )
