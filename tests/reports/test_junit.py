"""The report for CI systems, read back as they read it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import junitparser
import pytest

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.reckoning import Override
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.reports.interface import PLAIN, Request
from pytest_tfgrade.reports.junit import JunitReport

COUNTED = ("tests", "failures", "errors", "skipped", "time")


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
        ("alice", "tfgrade.alice", "digits::shape"),
        ("alice", "tfgrade.alice", "digits::accuracy"),
        ("alice", "tfgrade.alice", "fashion::compiled"),
        ("alice", "tfgrade.alice", "fashion::loss"),
        ("bob", "tfgrade.bob", "digits::shape"),
        ("bob", "tfgrade.bob", "digits::accuracy"),
        ("bob", "tfgrade.bob", "fashion::compiled"),
        ("bob", "tfgrade.bob", "fashion::loss"),
    ]


def test_ids_that_look_the_same_have_other_names(gradebook: Gradebook) -> None:
    alice = gradebook.grades[0]
    grades = (replace(alice, id=" alice"), alice, replace(alice, id="alice "))

    cases = _gitlab(replace(gradebook, grades=grades))

    assert len(cases) == 12
    assert cases["tfgrade.%20alice", "digits::shape"] == ("success", None, None)


def test_counts_and_times_of_the_whole_are_the_sums_of_the_parts(
    gradebook: Gradebook,
) -> None:
    root = _read(gradebook)

    for name in COUNTED:
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
        assert case.get("name") == f"{safe}::{safe}{verdict}"
        assert case.get("file") == safe
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


def test_points_of_the_machine_the_penalty_and_what_counts_are_kept_apart(
    rich: Gradebook,
) -> None:
    task = rich.grades[0].tasks[0]
    by_hand = Override(
        points=Decimal(9), comment="Handed in on paper.", by="", at="", why=""
    )
    grade = replace(
        rich.grades[0], tasks=(replace(task, override=by_hand),), override=by_hand
    )

    suites = [
        _properties(suite)
        for grades in (rich.grades, (grade,))
        for suite in _read(replace(rich, grades=grades))
    ]

    penalised, overridden = suites
    assert penalised == {
        "tfgrade.points": "7.765",
        "tfgrade.max_points": "21",
        "tfgrade.raw": "7.125",
        "tfgrade.penalty": "0.86",
        "tfgrade.passed": "true",
        "tfgrade.isolated": "true",
        "tfgrade.complete": "true",
    }
    assert overridden == {
        **penalised,
        "tfgrade.points": "9",
        "tfgrade.penalty": "1.35",
        "tfgrade.override": "9",
        "tfgrade.comment": "Handed in on paper.",
        "tfgrade.task.digits.raw": "4.75",
        "tfgrade.task.digits.override": "9",
        "tfgrade.task.digits.comment": "Handed in on paper.",
    }


def test_the_document_is_made_as_it_is_written_a_suite_at_a_time(
    gradebook: Gradebook,
) -> None:
    [file] = JunitReport().render(gradebook, PLAIN)

    parts = list(file.text)

    assert [part.count("<testsuite ") for part in parts] == [0, 1, 1, 0]
    assert all(part.endswith("\n") for part in parts)


def test_junitparser_reads_all_of_it(gradebook: Gradebook) -> None:
    read = junitparser.JUnitXml.fromstring(_text(gradebook).encode())

    assert isinstance(read, junitparser.JUnitXml)
    assert (read.tests, read.failures, read.errors, read.skipped) == (8, 4, 1, 1)
    suites = list(read)
    assert [suite.name for suite in suites] == ["alice", "bob"]
    assert {p.name: p.value for p in suites[1].properties()} == {
        "tfgrade.max_points": "10",
        "tfgrade.isolated": "true",
        "tfgrade.complete": "true",
    }
    cases = {(case.classname, case.name): case for case in suites[0]}
    accuracy = cases["tfgrade.alice", "digits::accuracy"]
    [failure] = accuracy.result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message == "accuracy 0.3 < 0.9 (2.5/4 points)"


def test_junitparser_counts_what_the_report_says(gradebook: Gradebook) -> None:
    read = junitparser.JUnitXml.fromstring(_text(gradebook).encode())
    said = [[getattr(part, name) for name in COUNTED] for part in (read, *read)]

    for part in (*read, read):
        part.update_statistics()

    counted = [[getattr(part, name) for name in COUNTED] for part in (read, *read)]
    assert counted == said


def test_gitlab_shows_every_criterion_of_everybody(gradebook: Gradebook) -> None:
    cases = _gitlab(gradebook)

    assert len(cases) == 8
    assert cases["tfgrade.alice", "digits::accuracy"] == (
        "failed",
        "accuracy 0.3 < 0.9 (2.5/4 points)\nCompare with your validation score.",
        None,
    )
    assert cases["tfgrade.bob", "fashion::compiled"] == ("success", None, None)
    assert cases["tfgrade.bob", "fashion::loss"][0] == "error"


def test_gitlab_links_what_went_wrong_to_the_candidates_page_if_there_is_one(
    gradebook: Gradebook,
) -> None:
    cases = _gitlab(gradebook, Request(pages="grades/candidates"))

    linked = {names: page for names, (_, _, page) in cases.items() if page}
    assert linked == {
        ("tfgrade.alice", "digits::accuracy"): "grades/candidates/alice.html",
        ("tfgrade.alice", "fashion::compiled"): "grades/candidates/alice.html",
        ("tfgrade.bob", "digits::shape"): "grades/candidates/bob.html",
        ("tfgrade.bob", "digits::accuracy"): "grades/candidates/bob.html",
        ("tfgrade.bob", "fashion::loss"): "grades/candidates/bob.html",
    }


def test_artemis_reads_the_same_names_whoever_handed_in(gradebook: Gradebook) -> None:
    names = [
        list(_artemis(replace(gradebook, grades=(grade,))))
        for grade in gradebook.grades
    ]

    assert names == [
        ["digits::shape", "digits::accuracy", "fashion::compiled"],
        ["digits::shape", "digits::accuracy", "fashion::compiled", "fashion::loss"],
    ]


def test_artemis_reads_everybody_in_a_run_of_many(gradebook: Gradebook) -> None:
    names = list(_artemis(gradebook))

    assert len(set(names)) == len(names) == 7
    assert names[0] == "alice.digits::shape"


def test_dornys_action_finds_what_it_demands(gradebook: Gradebook) -> None:
    root = _read(gradebook)

    for suite in root.iterfind("testsuite"):
        assert suite.attrib["name"]
        assert float(suite.attrib["time"]) >= 0
        for case in suite.iterfind("testcase"):
            assert case.attrib["name"]
            assert case.attrib["classname"]
            assert float(case.attrib["time"]) >= 0
            for found in (*case.iterfind("failure"), *case.iterfind("error")):
                assert (found.text or "").startswith(found.attrib["message"])


@pytest.mark.parametrize("attribute", ["hostname", "timestamp", "id", "line"])
def test_nothing_tells_of_the_machine_or_the_moment(
    gradebook: Gradebook, attribute: str
) -> None:
    root = _read(gradebook)

    assert [element for element in root.iter() if element.get(attribute)] == []


def _gitlab(
    gradebook: Gradebook, request: Request = PLAIN
) -> dict[tuple[str, str], tuple[str, str | None, str | None]]:
    """Return status, text and attachment of what GitLab shows.

    Of two with the same class and name it keeps the first; it reads failures before
    errors before what was skipped, and looks for attachments at the former two alone.
    """
    cases: dict[tuple[str, str], tuple[str, str | None, str | None]] = {}
    for case in _read(gradebook, request).iter("testcase"):
        status, text, attachment = "success", None, None
        for tag in ("skipped", "error", "failure"):
            found = case.find(tag)
            if found is not None:
                status, text = {"failure": "failed"}.get(tag, tag), found.text
        if status in {"failed", "error"}:
            marker = r"\[\[ATTACHMENT\|(.+?)\]\]"
            match = re.search(marker, case.findtext("system-out") or "")
            attachment = match and match[1]
        names = case.attrib["classname"], case.attrib["name"]
        cases.setdefault(names, (status, text, attachment))
    return cases


def _artemis(gradebook: Gradebook) -> Iterator[str]:
    """Yield the names that Artemis counts: it drops what was skipped."""
    suites = _read(gradebook).findall("testsuite")
    for suite in suites:
        prefix = "" if len(suites) == 1 else f"{suite.attrib['name']}."
        for case in suite.iterfind("testcase"):
            if case.find("skipped") is None:
                yield prefix + case.attrib["name"]


def _text(gradebook: Gradebook, request: Request = PLAIN) -> str:
    [file] = JunitReport().render(gradebook, request)
    return "".join(file.text)


def _read(gradebook: Gradebook, request: Request = PLAIN) -> ElementTree.Element:
    return ElementTree.fromstring(_text(gradebook, request).encode())


def _properties(element: ElementTree.Element) -> dict[str, str | None]:
    """Return properties as Jenkins keeps them."""
    found = element.iterfind("properties/property")
    return {one.attrib["name"]: one.get("value") for one in found}


def _property(element: ElementTree.Element, name: str) -> str | None:
    return _properties(element).get(name)


def _finding(case: ElementTree.Element) -> str | None:
    return next((child.tag for child in case if child.tag != "properties"), None)
