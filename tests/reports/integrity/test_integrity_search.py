"""What is said of a whole class."""

from dataclasses import replace
from typing import Any

import numpy as np

from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.reports.integrity.finding import Finding, Kind, Looked, Pair
from pytest_tfgrade.reports.integrity.search import search


def apart(made: Any, count: int = 12) -> dict[str, Any]:
    """Return submissions of which nobody copied."""
    return {
        f"s{seed:02d}": made.task_grade(
            made.print_of(made.weights(seed)), made.answer_of(made.answers(seed))
        )
        for seed in range(count)
    }


def test_a_class_in_which_nobody_copied_has_no_findings(made: Any) -> None:
    found = search(made.book(apart(made)))

    assert found.findings == ()
    assert found.looked == (
        Looked(task="digits", files=12, weights=12, layouts=1, answers=12),
    )


def test_a_run_without_submissions_has_none_either(made: Any) -> None:
    found = search(made.book({}))

    assert (found.looked, found.findings) == ((), ())


def test_a_task_of_which_nothing_is_known_is_compared_with_nobody(made: Any) -> None:
    unknown = replace(made.task_grade(), artifact=None)

    found = search(made.book({"a": unknown, "b": unknown}))

    assert found.looked == (
        Looked(task="digits", files=0, weights=0, layouts=0, answers=0),
    )
    assert found.findings == ()


def test_identical_files_are_told_once_and_not_again_for_their_weights(
    made: Any,
) -> None:
    tasks = apart(made)
    tasks["copy"] = tasks["s03"]

    (finding,) = search(made.book(tasks)).findings

    assert finding.who == ("copy", "s03")
    assert (finding.kind, finding.compared, finding.may_be_given) == (
        Kind.IDENTICAL_FILES,
        13,
        False,
    )
    assert tasks["s03"].artifact is not None
    assert finding.evidence == {"sha256": tasks["s03"].artifact.sha256}


def test_the_same_weights_in_another_file_are_told(made: Any) -> None:
    tasks = apart(made)
    model = made.print_of(made.weights(3))
    tasks["copy"] = made.task_grade(model, file="saved anew")

    (finding,) = search(made.book(tasks)).findings

    assert finding == Finding(
        kind=Kind.IDENTICAL_WEIGHTS,
        task="digits",
        who=("copy", "s03"),
        compared=13,
        evidence={"digest": model.digest, "files": 2, "is_initial": False},
    )


def test_a_copy_that_was_trained_on_is_told_with_its_pair(made: Any) -> None:
    tasks = apart(made)
    tasks["copy"] = made.task_grade(made.print_of(made.tuned(made.weights(3), 0.04)))

    (finding,) = search(made.book(tasks)).findings

    assert (finding.kind, finding.who) == (Kind.SIMILAR_WEIGHTS, ("copy", "s03"))
    (pair,) = finding.pairs
    assert {pair.a, pair.b} == {"copy", "s03"}
    assert set(pair.evidence) == {"kernels", "vectors", "any_order", "typical"}


def test_whoever_has_the_weights_of_one_of_a_pair_is_in_the_group(made: Any) -> None:
    tasks = apart(made)
    tasks["copy"] = made.task_grade(made.print_of(made.tuned(made.weights(3), 0.04)))
    tasks["friend"] = replace(tasks["copy"])

    findings = search(made.book(tasks)).findings

    assert [(f.kind, f.who) for f in findings] == [
        (Kind.IDENTICAL_FILES, ("copy", "friend")),
        (Kind.SIMILAR_WEIGHTS, ("copy", "friend", "s03")),
    ]


def test_units_in_another_order_are_told_as_such(made: Any) -> None:
    tasks = apart(made)
    tasks["copy"] = made.task_grade(made.print_of(made.permuted(made.weights(3))))

    (finding,) = search(made.book(tasks)).findings

    assert (finding.kind, finding.who) == (Kind.REORDERED_WEIGHTS, ("copy", "s03"))


def test_layers_that_are_the_same_are_told(made: Any) -> None:
    tasks = apart(made)
    copy = [*made.weights(3)[:2], *made.weights(77)[2:]]
    tasks["copy"] = made.task_grade(made.print_of(copy))

    (finding,) = search(made.book(tasks)).findings

    assert finding == Finding(
        kind=Kind.SHARED_WEIGHTS,
        task="digits",
        who=("copy", "s03"),
        compared=13,
        evidence={"arrays": "12x20; 20", "share": 0.5532, "others": 11},
    )


def test_the_same_answers_from_other_layers_are_told(made: Any) -> None:
    tasks = apart(made)
    other = [*made.weights(60), np.ones((3, 4))]
    tasks["copy"] = made.task_grade(
        made.print_of(other), made.answer_of(made.answers(3))
    )

    (finding,) = search(made.book(tasks)).findings

    assert finding == Finding(
        kind=Kind.ALIKE_ANSWERS,
        task="digits",
        who=("copy", "s03"),
        compared=13,
        evidence={"dataset": "rows", "output": "y"},
        pairs=(Pair(a="copy", b="s03", evidence={"identical": True}),),
    )


def test_answers_that_alike_weights_explain_are_not_told_again(made: Any) -> None:
    tasks = apart(made)
    said = made.answer_of(made.answers(3))
    tasks["copy"] = made.task_grade(made.print_of(made.permuted(made.weights(3))), said)

    findings = search(made.book(tasks)).findings

    assert [finding.kind for finding in findings] == [Kind.REORDERED_WEIGHTS]


def test_untrained_models_and_such_as_say_one_thing_are_told(made: Any) -> None:
    tasks = apart(made)
    untrained = made.weights(40)
    untrained[1], untrained[3] = np.zeros(20), np.zeros(10)
    constant = made.answer_of(np.tile(np.eye(10)[3], (400, 1)))
    tasks["lazy"] = made.task_grade(made.print_of(untrained), constant)
    tasks["stuck"] = made.task_grade(made.print_of(made.weights(41)), constant)

    findings = search(made.book(tasks)).findings

    assert [(f.kind, f.who, f.compared) for f in findings] == [
        (Kind.UNTRAINED, ("lazy",), 14),
        (Kind.CONSTANT, ("lazy", "stuck"), 14),
    ]


def test_answers_of_small_models_are_not_compared(made: Any) -> None:
    small = made.print_of([np.ones((2, 2)), np.arange(2.0, 4.0)])
    tasks = {
        f"s{at}": made.task_grade(
            small, made.answer_of(made.answers(1)), file=f"file {at}"
        )
        for at in range(8)
    }

    assert search(made.book(tasks)).findings == ()


def test_a_group_that_is_a_large_part_of_the_class_may_be_given(made: Any) -> None:
    tasks = apart(made, 20)
    for at in range(6):
        tasks[f"copy {at}"] = tasks["s03"]

    (finding,) = search(made.book(tasks)).findings

    assert (len(finding.who), finding.compared, finding.may_be_given) == (7, 26, True)


def test_prints_that_somebody_changed_are_compared_with_nobody(made: Any) -> None:
    model = made.print_of(made.weights(1))
    said = made.answer_of(made.answers(1))
    changed = [
        made.task_grade(
            replace(model, digest=str(at), sketch=text, shares=()),
            replace(said, digest=str(at), wrong=text, ranks=text),
        )
        for at, text in enumerate(["", "=", "\u00e4", "AAAA", "no base64"])
    ]

    found = search(made.book({f"s{at}": task for at, task in enumerate(changed)}))

    assert found.findings == ()


def test_tasks_are_looked_at_apart_from_each_other(made: Any) -> None:
    model = made.print_of(made.weights(1))
    tasks = {
        "a": (made.task_grade(model, file="x", id_="digits"),),
        "b": (made.task_grade(model, file="x", id_="images"),),
    }

    found = search(made.book(tasks))

    assert [one.task for one in found.looked] == ["digits", "images"]
    assert found.findings == ()


def test_the_order_of_submissions_makes_no_difference(made: Any) -> None:
    tasks = apart(made)
    tasks["copy"] = tasks["s01"]
    tasks["tuned"] = made.task_grade(made.print_of(made.tuned(made.weights(2), 0.04)))
    tasks["friend"] = replace(tasks["tuned"])
    tasks["other"] = made.task_grade(None, made.answer_of(made.answers(4)))
    book: Gradebook = made.book(tasks)
    order = np.random.default_rng(3).permutation(len(book.grades))

    shuffled = search(replace(book, grades=tuple(book.grades[at] for at in order)))

    assert shuffled == search(book)
    assert len(shuffled.findings) == 4
