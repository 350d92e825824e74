"""Exam, rubrics and descriptions of data held together: whole messages."""

from decimal import Decimal
from pathlib import Path

import pytest

from pytest_tfgrade.core.errors import DatasetError, RubricError
from pytest_tfgrade.engine import read_course
from pytest_tfgrade.rubric import ExamTask

RUBRIC = """\
task: {task}
dataset: {dataset}
contract:
  inputs:
    {input}: {{shape: {shape}, dtype: {dtype}}}
  outputs:
    {output}: {{shape: [null, 10], kind: probabilities}}
criteria:
  - {{id: contract, check: predict.contract, points: 1}}
"""

GOOD = {
    "task": "digits",
    "dataset": "numbers",
    "input": "image",
    "shape": "[null, 8, 8]",
    "dtype": "float32",
    "output": "digit",
}

DATASET = """\
dataset: numbers
title: Numbers
source: made up
license: CC0-1.0
files: {hidden.npz: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
rows: 4
inputs:
  image: {file: hidden.npz, field: image, dtype: float32, shape: [8, 8]}
  text: {file: hidden.npz, field: text, dtype: string, shape: []}
targets:
  digit: {file: hidden.npz, field: digit, dtype: int64, shape: []}
"""


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``rubrics`` with one rubric and ``data`` with its dataset."""
    monkeypatch.chdir(tmp_path)
    Path("rubrics").mkdir()
    Path("data/numbers").mkdir(parents=True)
    Path("data/numbers/dataset.yaml").write_text(DATASET)
    Path("data/numbers/hidden.npz").write_text("not opened here")
    rubric("digits")


def rubric(name: str, **other: str) -> None:
    """Write a rubric that is good but for what is given."""
    text = RUBRIC.format(**GOOD | other)
    Path(f"rubrics/{name}.yaml").write_text(text)


def exam(text: str) -> None:
    Path("rubrics/exam.yaml").write_text(text)


def refusal(
    rubrics: str = "rubrics",
    *,
    error: type[Exception] = RubricError,
    hook: bool = False,
) -> list[str]:
    """Return the lines of the message with which a course is refused."""
    with pytest.raises(error) as caught:
        read_course(Path(rubrics), Path("data"), data_from_hook=hook)
    return str(caught.value).splitlines()


def test_a_folder_of_rubrics_is_a_course_in_the_order_of_names() -> None:
    rubric("text", task="text")
    rubric("a", task="zebra")
    Path("rubrics/notes.txt").write_text("not a rubric")
    Path("rubrics/._digits.yaml").write_bytes(b"\x00\x05\x16\x07")
    Path("rubrics/old.yml").write_text(RUBRIC.format(**GOOD | {"task": "old"}))

    course = read_course(Path("rubrics"), Path("data"))

    assert [rubric.task for rubric in course.rubrics] == [
        "zebra",
        "digits",
        "old",
        "text",
    ]
    assert (course.title, course.pass_mark, course.data) == (
        "rubrics",
        None,
        Path("data"),
    )


def test_an_exam_decides_title_order_and_pass_mark() -> None:
    rubric("text", task="text")
    rubric("unused", task="unused")
    exam("exam: Winter\ntasks: [text, digits]\npass_mark: 0.6\n")

    course = read_course(Path("rubrics"), Path("data"))

    assert [rubric.task for rubric in course.rubrics] == ["text", "digits"]
    assert (course.title, course.pass_mark) == ("Winter", Decimal("0.6"))


def test_to_one_rubric_the_defaults_of_the_exam_beside_it_apply() -> None:
    exam(
        "exam: Winter\n"
        "tasks: [digits]\n"
        "pass_mark: 0.6\n"
        "defaults: {limits: {seconds: 7}}\n"
        "runtimes: {tf_keras: here}\n"
        'candidates: "^(?P<candidate>[a-z]+)_"\n'
    )

    course = read_course(Path("rubrics/digits.yaml"), Path("data"))

    assert (course.title, course.pass_mark) == ("digits", None)
    assert course.rubrics[0].limits.seconds == 7
    assert [runtime.name for runtime in course.runtimes] == ["tf_keras"]
    assert course.candidates is not None


def test_one_rubric_is_a_course() -> None:
    course = read_course(Path("rubrics/digits.yaml"), Path("data"))

    assert [rubric.task for rubric in course.rubrics] == ["digits"]
    assert course.title == "digits"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "nowhere",
            "nowhere: there are no rubrics; "
            "give the place of a rubric or of a folder of them",
        ),
        ("data", "data: there is no rubric; write TASK.yaml, one for each task"),
        (
            "rubrics/exam.yaml",
            "rubrics/exam.yaml: is the exam file, not a rubric; "
            "give the folder it is in",
        ),
    ],
)
def test_a_place_without_rubrics_is_refused(place: str, message: str) -> None:
    exam("exam: Winter\ntasks: [digits]\n")

    assert refusal(place) == [message]


def test_problems_of_all_files_come_together() -> None:
    rubric("a", task="a b")
    rubric("b", dataset="numbres", task="b")
    exam("exam: Winter\ntasks: [digits, b]\npass_mark: 60\n")

    assert refusal() == [
        "rubrics/a.yaml:1:7: must begin with a letter or digit and go on with up to 59 "
        "letters, digits, '_', '.' or '-', got 'a b'; write a-b",
        "rubrics/b.yaml:2:10: there is no evaluation dataset 'numbres' in data; "
        "did you mean 'numbers'?",
        "rubrics/exam.yaml:3:12: is a share of all points, from 0 to 1, got 60; "
        "write 0.6",
    ]


def test_two_rubrics_of_one_task_are_refused() -> None:
    rubric("more-digits")

    assert refusal() == [
        "rubrics/more-digits.yaml:1:7: the task 'digits' has a rubric already, "
        "rubrics/digits.yaml; rename one"
    ]


def test_a_task_of_the_exam_needs_a_rubric() -> None:
    exam("exam: Winter\ntasks: [digits, digit, music]\n")

    assert refusal() == [
        "rubrics/exam.yaml:2:17: no rubric has the task 'digit'; "
        "did you mean 'digits'?",
        "rubrics/exam.yaml:2:24: no rubric has the task 'music'; use 'digits'",
    ]


def test_a_broken_rubric_is_not_also_missing_from_the_exam() -> None:
    rubric("text", task="text", shape="many")
    exam("exam: Winter\ntasks: [digits, text]\n")

    assert refusal() == [
        "rubrics/text.yaml:5:20: must be a list of values, got 'many'; write [many]"
    ]


# Contract against data


@pytest.mark.parametrize(
    ("other", "message"),
    [
        pytest.param(
            {"input": "imgae"},
            "rubrics/digits.yaml:5:5: the dataset 'numbers' has no input 'imgae'; "
            "did you mean 'image'?",
            id="unknown-input",
        ),
        pytest.param(
            {"output": "class"},
            "rubrics/digits.yaml:7:5: the dataset 'numbers' has no target 'class'; "
            "use 'digit'",
            id="unknown-target",
        ),
        pytest.param(
            {"shape": "[null, 64]"},
            "rubrics/digits.yaml:5:5: one example of 'image' in the dataset 'numbers' "
            "has the shape [8, 8], the contract says [64]; correct one",
            id="another-shape",
        ),
        pytest.param(
            {"shape": "[null, 8, 8, 3]"},
            "rubrics/digits.yaml:5:5: one example of 'image' in the dataset 'numbers' "
            "has the shape [8, 8], the contract says [8, 8, 3]; correct one",
            id="another-rank",
        ),
        pytest.param(
            {"dtype": "string"},
            "rubrics/digits.yaml:5:5: the dataset 'numbers' holds 'image' as float32, "
            "the contract says string; correct one",
            id="numbers-for-texts",
        ),
        pytest.param(
            {"dtype": "uint8"},
            "rubrics/digits.yaml:5:5: the dataset 'numbers' holds 'image' as float32, "
            "the contract says uint8; correct one",
            id="numbers-that-would-lose-their-fractions",
        ),
        pytest.param(
            {"input": "text", "shape": "[null]"},
            "rubrics/digits.yaml:5:5: the dataset 'numbers' holds 'text' as string, "
            "the contract says float32; correct one",
            id="texts-for-numbers",
        ),
        pytest.param(
            {"dataset": "music"},
            "rubrics/digits.yaml:2:10: there is no evaluation dataset 'music' in data; "
            "use 'numbers'",
            id="unknown-dataset",
        ),
    ],
)
def test_a_contract_must_fit_the_data(other: dict[str, str], message: str) -> None:
    rubric("digits", **other)

    assert refusal() == [message]


@pytest.mark.parametrize(
    "other",
    [
        {"shape": "[null, 8, 8, 1]"},
        {"shape": "[null, null, 8]"},
        {"dtype": "float64"},
        {"dtype": "float16"},
        {"input": "text", "shape": "[null]", "dtype": "string"},
        {"input": "text", "shape": "[null, 1]", "dtype": "string"},
    ],
)
def test_what_can_be_fitted_to_a_contract_is_no_problem(other: dict[str, str]) -> None:
    rubric("digits", **other)

    course = read_course(Path("rubrics"), Path("data"))

    assert len(course.rubrics) == 1


def test_without_any_dataset_their_place_is_asked_for() -> None:
    Path("data/numbers/dataset.yaml").unlink()

    assert refusal() == [
        "rubrics/digits.yaml:2:10: there is no evaluation dataset 'numbers' in data; "
        "give the place of the folder that holds the datasets"
    ]


def test_a_hook_may_bring_what_is_not_in_the_folder() -> None:
    rubric("digits", dataset="music", input="sound", output="key")

    course = read_course(Path("rubrics"), Path("data"), data_from_hook=True)

    assert course.rubrics[0].dataset == "music"


def test_a_broken_description_of_data_is_the_fault_of_the_data() -> None:
    Path("data/numbers/dataset.yaml").write_text(
        DATASET.replace("rows: 4", "rows: few")
    )
    rubric("again", task="again")

    assert refusal(error=DatasetError) == [
        "data/numbers/dataset.yaml:6:7: must be a whole number, got 'few'"
    ]


def test_a_broken_rubric_is_told_before_broken_data() -> None:
    Path("data/numbers/dataset.yaml").write_text("dataset:\n")
    rubric("text", task="a b")

    (message,) = refusal()

    assert message.startswith("rubrics/text.yaml:1:7: must begin with a letter")


def test_a_rubric_that_runs_no_model_needs_no_data() -> None:
    Path("rubrics/digits.yaml").write_text(
        RUBRIC.format(**GOOD)
        .replace("dataset: numbers\n", "")
        .replace("check: predict.contract", "check: model.io")
    )

    course = read_course(Path("rubrics"), Path("nowhere"))

    assert course.rubrics[0].dataset is None


# What an exam says of its tasks


def test_an_exam_gives_weights_minimums_defaults_and_a_pattern_of_names() -> None:
    rubric("text", task="text")
    exam(
        "exam: {en: Winter, de: Winterpruefung}\n"
        "tasks: [{task: text, weight: 2, minimum: 0.5}, digits]\n"
        "defaults: {artifact: {formats: [h5]}, limits: {seconds: 7}}\n"
        'candidates: "^(?P<candidate>[a-z]+)_"\n'
    )

    course = read_course(Path("rubrics"), Path("data"))

    assert course.title == "Winter"
    assert course.tasks == {
        "text": ExamTask(task="text", weight=Decimal(2), minimum=Decimal("0.5")),
        "digits": ExamTask(task="digits"),
    }
    assert {rubric.limits.seconds for rubric in course.rubrics} == {7}
    assert course.candidates is not None
    assert course.candidates.pattern == "^(?P<candidate>[a-z]+)_"


def test_without_an_exam_every_task_counts_once() -> None:
    course = read_course(Path("rubrics"), Path("data"))

    assert course.tasks == {"digits": ExamTask(task="digits")}
    assert (course.candidates, course.pass_mark) == (None, None)


def test_a_minimum_that_nobody_can_reach_is_refused() -> None:
    exam("exam: Winter\ntasks:\n  - {task: digits, minimum: 1.5}\n")

    assert refusal() == [
        "rubrics/exam.yaml:3:29: the task has 1 point, so nobody can reach the "
        "minimum; lower it"
    ]


def test_a_minimum_of_all_points_is_hard_but_allowed() -> None:
    exam("exam: Winter\ntasks:\n  - {task: digits, minimum: 1}\n")

    course = read_course(Path("rubrics"), Path("data"))

    assert course.tasks["digits"].minimum == 1


def test_an_exam_file_with_another_ending_is_not_passed_over() -> None:
    Path("rubrics/exam.yml").write_text("exam: Winter\ntasks: [digits]\n")

    assert refusal() == ["rubrics/exam.yml: is not read; call it exam.yaml"]


def test_problems_of_the_exam_and_of_rubrics_are_told_together() -> None:
    rubric("digits", shape="[8, 8]")
    exam("exam: Winter\ntasks: [{task: digits, weight: 0}]\npassmark: 0.5\n")

    assert refusal() == [
        "rubrics/digits.yaml:5:20: the first axis counts examples; begin with null, "
        "as [null, 8, 8]",
        "rubrics/exam.yaml:2:32: must be above 0, got 0; leave the task out instead",
        "rubrics/exam.yaml:3:1: unknown key 'passmark'; did you mean 'pass_mark'?",
    ]


CASES = """\
  - {id: all, check: predict.metric, metric: accuracy, cases: {numbers: 1, letters: 1}}
  - {id: more, check: predict.metric, metric: accuracy, threshold: 0.9, dataset: digts}
"""


def test_every_dataset_that_a_criterion_names_is_held_against_the_contract() -> None:
    path = Path("rubrics/digits.yaml")
    path.write_text(path.read_text() + CASES)
    Path("data/letters").mkdir()
    letters = DATASET.replace("dataset: numbers", "dataset: letters")
    Path("data/letters/dataset.yaml").write_text(letters.replace("[8, 8]", "[9, 9]"))
    Path("data/letters/hidden.npz").write_text("not opened here")

    assert refusal() == [
        "rubrics/digits.yaml:5:5: one example of 'image' in the dataset 'letters' has "
        "the shape [9, 9], the contract says [8, 8]; correct one",
        "rubrics/digits.yaml:11:82: there is no evaluation dataset 'digts' in data; "
        "use 'letters' or 'numbers'",
    ]
