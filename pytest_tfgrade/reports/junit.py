"""``junit.xml``: a test suite for each submission, a test case for each criterion.

Written for what CI systems read (GitLab the body of a failure, others its message);
points are properties, which Jenkins keeps and the others ignore.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite

from pytest_tfgrade.core.criterion import CriterionResult, RunRecord
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.score import measured, points_text, score_text
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.audience import for_candidates
from pytest_tfgrade.reports.notes import NOT_ISOLATED

_DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
"""Not ElementTree's: it names the encoding of the locale."""

_COUNTS: Final = ("tests", "failures", "errors", "skipped")


class JunitReport:
    """What candidates may see of the grades, for CI systems."""

    file_name = "junit.xml"

    def render(self, gradebook: Gradebook) -> str:
        """Return the grades as JUnit XML, without clock, host name or paths."""
        gradebook = for_candidates(gradebook)
        root = ElementTree.Element("testsuites", {"name": printable(gradebook.exam)})
        root.extend(_suite(grade, gradebook.isolated) for grade in gradebook.grades)
        for count in _COUNTS:
            root.set(count, str(sum(int(suite.attrib[count]) for suite in root)))
        root.set("time", _seconds(gradebook.grades))
        ElementTree.indent(root)
        return f"{_DECLARATION}{ElementTree.tostring(root, encoding='unicode')}\n"


def _suite(grade: Grade, isolated: bool) -> ElementTree.Element:
    graded = [(task, result) for task in grade.tasks for result in task.criteria]
    suite: ElementTree.Element = TestSuite(
        printable(grade.id),
        [_case(task, criterion) for task, criterion in graded],
        properties=dict(_suite_properties(grade, isolated)),
        stdout=None if isolated else NOT_ISOLATED,
    ).build_xml_doc()
    suite.set("time", _seconds((grade,)))
    for element, (task, criterion) in zip(suite.iter("testcase"), graded, strict=True):
        # A model is loaded and called once for all criteria: the first one takes it.
        first = criterion is task.criteria[0]
        element.set("time", f"{_elapsed(task) if first else 0:.3f}")
        element.insert(0, _properties(dict(_case_properties(task, criterion))))
    return suite


def _case(task: TaskGrade, criterion: CriterionResult) -> TestCase:
    case = TestCase(printable(criterion.id), classname=f"tfgrade.{printable(task.id)}")
    score = score_text(criterion.points, criterion.max_points)
    # Never empty: the library drops findings that say nothing.
    message = f"{printable(criterion.rationale)} ({score} points)"
    body = message + ("" if not criterion.hint else f"\n{printable(criterion.hint)}")
    kind = printable(criterion.code or criterion.verdict.value)
    if task.tolerates(criterion):
        case.add_skipped_info(message, body)
        return case
    match criterion.verdict:
        case Verdict.PASSED:
            pass
        case Verdict.PARTIAL | Verdict.FAILED:
            case.add_failure_info(message, body, kind)
        case Verdict.SKIPPED:
            case.add_skipped_info(message, body)
        case Verdict.ERROR:
            case.add_error_info(message, body, kind)
    return case


def _suite_properties(grade: Grade, isolated: bool) -> Iterator[tuple[str, str]]:
    if grade.points is not None:
        yield "tfgrade.points", points_text(grade.points)
    yield "tfgrade.max_points", points_text(grade.max_points)
    if grade.passed is not None:
        yield "tfgrade.passed", str(grade.passed).lower()
    yield "tfgrade.isolated", str(isolated).lower()
    yield "tfgrade.complete", str(grade.complete).lower()


def _case_properties(
    task: TaskGrade, criterion: CriterionResult
) -> Iterator[tuple[str, str]]:
    if criterion.points is not None:
        yield "tfgrade.points", points_text(criterion.points)
    yield "tfgrade.max_points", points_text(criterion.max_points)
    if criterion.group is not None:
        yield "tfgrade.group", printable(criterion.group)
    if criterion.bonus:
        yield "tfgrade.bonus", "true"
    yield "tfgrade.verdict", criterion.verdict.value
    value = measured(criterion.value)
    if value is not None:
        yield "tfgrade.value", str(value)
    if criterion.uncertainty is not None:
        yield "tfgrade.n", str(criterion.uncertainty.n)
        error = measured(criterion.uncertainty.standard_error)
        yield "tfgrade.standard_error", str(error)
    if criterion.borderline:
        yield "tfgrade.borderline", "true"
    if criterion.code is not None:
        yield "tfgrade.code", printable(criterion.code)
    if task.artifact is not None:
        yield "tfgrade.sha256", printable(task.artifact.sha256)
    if task.run is not None and criterion is task.criteria[0]:
        yield from _run_properties(task.run)


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


def _elapsed(task: TaskGrade) -> float:
    return round(sum(task.seconds.values()), 3)


def _seconds(grades: tuple[Grade, ...]) -> str:
    # Of tasks with a test case to carry them, so that the sums agree.
    tasks = (task for grade in grades for task in grade.tasks if task.criteria)
    return f"{sum(_elapsed(task) for task in tasks):.3f}"
