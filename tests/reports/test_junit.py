"""The report for CI systems, read back as they read it."""

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.junit import JunitReport


def test_each_verdict_becomes_what_ci_systems_know(gradebook: Gradebook) -> None:
    root = _read(gradebook)

    findings = Counter(
        (_property(case, "tfgrade.verdict"), _finding(case))
        for case in root.iter("testcase")
    )
    assert findings == {
        ("passed", None): 2,
        ("partial", "failure"): 1,
        ("failed", "failure"): 3,
        ("skipped", "skipped"): 1,
        ("error", "error"): 1,
    }


def test_test_cases_are_named_once_and_by_what_does_not_change(
    gradebook: Gradebook,
) -> None:
    root = _read(gradebook)

    names = [
        (suite.get("name"), case.get("classname"), case.get("name"))
        for suite in root
        for case in suite.iter("testcase")
    ]
    assert names == [
        ("alice", "tfgrade.digits", "shape"),
        ("alice", "tfgrade.digits", "accuracy"),
        ("alice", "tfgrade.fashion", "compiled"),
        ("alice", "tfgrade.fashion", "loss"),
        ("bob", "tfgrade.digits", "shape"),
        ("bob", "tfgrade.digits", "accuracy"),
        ("bob", "tfgrade.fashion", "compiled"),
        ("bob", "tfgrade.fashion", "loss"),
    ]


def test_counts_and_times_of_the_whole_are_the_sums_of_the_parts(
    gradebook: Gradebook,
) -> None:
    root = _read(gradebook)

    for name in ("tests", "failures", "errors", "skipped", "time"):
        parts = sum(float(suite.attrib[name]) for suite in root)
        assert float(root.attrib[name]) == parts, name
    for suite in root:
        cases = sum(float(case.attrib["time"]) for case in suite.iter("testcase"))
        assert float(suite.attrib["time"]) == cases


def test_a_message_is_one_line_even_if_there_is_nothing_to_say(
    gradebook: Gradebook,
) -> None:
    alice = gradebook.grades[0]
    task = alice.tasks[1]
    silent = replace(task.criteria[0], rationale="", hint=None)
    grade = replace(alice, tasks=(replace(task, criteria=(silent,)),))

    root = _read(replace(gradebook, grades=(grade,)))

    [failure] = root.iter("failure")
    assert (failure.get("message"), failure.text) == (" (0/1 points)",) * 2


def test_hostile_text_stays_text(hostile_gradebook: Gradebook, hostile: str) -> None:
    root = _read(hostile_gradebook)

    safe = printable(hostile)
    [suite] = root
    assert root.get("name") == suite.get("name") == safe
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "skipped",
        "error",
        "system-out",
    }
    for case, verdict in zip(suite.iter("testcase"), Verdict, strict=True):
        assert case.get("classname") == f"tfgrade.{safe}"
        assert case.get("name") == f"{safe}{verdict}"
        assert _property(case, "tfgrade.sha256") == safe
    [error] = root.iter("error")
    assert error.get("message") == f"{safe} (open/1 points)"
    assert error.text == f"{safe} (open/1 points)\n{safe}"


def test_a_task_without_criteria_adds_neither_cases_nor_time(
    gradebook: Gradebook,
) -> None:
    alice = gradebook.grades[0]
    bare = replace(alice.tasks[0], criteria=(), planned=9)
    grades = (replace(alice, tasks=(bare,)),)

    [suite] = _read(replace(gradebook, grades=grades))

    assert (suite.get("tests"), suite.get("time")) == ("0", "0.000")
    assert _property(suite, "tfgrade.complete") == "false"


def _read(gradebook: Gradebook) -> ElementTree.Element:
    text = JunitReport().render(gradebook)
    return ElementTree.fromstring(text.encode())


def _property(element: ElementTree.Element, name: str) -> str | None:
    return next(
        (
            found.get("value")
            for found in element.iterfind("properties/property")
            if found.get("name") == name
        ),
        None,
    )


def _finding(case: ElementTree.Element) -> str | None:
    return next((child.tag for child in case if child.tag != "properties"), None)
