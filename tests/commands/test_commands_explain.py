"""``tfgrade rubric explain``: names, pages and rubrics in words."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from pytest_tfgrade.checks import CHECKS
from pytest_tfgrade.commands.inner_keys import IDS, SOURCE
from pytest_tfgrade.commands.inner_pages import LAYERS, layer_page
from pytest_tfgrade.commands.keys import KEYS
from pytest_tfgrade.commands.page import Page, as_markdown
from pytest_tfgrade.commands.reference import found, known_names, sections
from pytest_tfgrade.commands.scale_pages import RULES, SCALES
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.keras_layers import LAYER_ALIASES, LAYER_SETTINGS
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.predictors import PREDICTORS
from pytest_tfgrade.rubric import BUILT_IN, GroupRule, read_exam, read_rubric
from pytest_tfgrade.rubric.contract_parts import IdsPart
from pytest_tfgrade.rubric.exam import ExamFile
from pytest_tfgrade.rubric.scales import KEYS as SCALE_KEYS
from pytest_tfgrade.rubric.schema import (
    GroupPart,
    MeasuringPart,
    RubricFile,
    SourcePart,
)
from pytest_tfgrade.runner.worker.repair_names import REPAIRS
from pytest_tfgrade.transforms import TRANSFORMS

if TYPE_CHECKING:
    from conftest import Run

CHECK = """\
predict.transform: The metric is good enough on inputs that were changed.

Needs predictions, so the model is run.
dataset names another evaluation dataset than the rubric's.
Measures: threshold, bands, curve or cases gives points.

Each example is changed by an amount of its own, decided by a seed: every
submission gets the same.

parameters
  change (must be there)
      What is done to the inputs, as {rotate: 15} or {scale: {low: 0.8, high:
      1.2}}. Several changes are made one after another.
  metric (must be there)
      The measure; its direction decides what is better.
  options (default: none)
      Keyword arguments of the metric.
  output (default: none)
      Which output is measured; may be left out if there is one.

example
  - id: turned
    check: predict.transform
    points: 2
    change: {rotate: 15}
    metric: accuracy
    threshold: 0.8

a candidate whose model does not meet it reads
  accuracy 0.5 < 0.8, turned by up to 15 degrees
"""

METRIC = """\
mase: Mean absolute scaled error.

Lower is better; 0 is the best there is.
Also called mean_absolute_scaled_error.

The mean absolute error over that of the seasonal naive forecast, which repeats
the value of one season ago: below 1 is better than naive. Hyndman and Koehler,
"Another look at measures of forecast accuracy", 2006.

parameters
  scale (must be there)
      Mean absolute error of the seasonal naive forecast, in the unit of the
      targets; above 0.

example
  - id: mase
    check: predict.metric
    metric: mase
    options: {scale: 2.6}
    threshold: 0.8
    points: 5

a candidate whose model does not meet it reads
  mase 1 > 0.8
"""

CODE = """\
E_SIZE: The file is larger than the task allows.

The artifact is at fault; criteria that need it earn nothing.

A reason that is more exact stands in its place if known.

a candidate reads
  the file is larger than the task allows. Save a copy without optimizer state
  (keras.models.clone_model, set_weights), or use a smaller model.
"""

CHANGE = """\
noise: Add normal noise to each pixel and channel of images.

parameters
  sigma (must be there)
      Standard deviation in the unit of the input, above 0.
  input (default: none)
      Which input; None is the only one that holds images.
  seed (default: 0)
      Decides the noise.

example
  - id: noise
    check: predict.transform
    change: {noise: 0.1}
    metric: accuracy
    threshold: 0.8
    points: 2
"""


SOURCE_PAGE = """\
source: The Python code that goes with a file; a key of artifact.

It builds the model of a file of weights, or registers the classes that a .keras
or .h5 file names. It runs in the sandbox alone, in the same process as the
model. Write names or file, not both.

parameters
  names (default: none)
      The candidate's own files: paths in the candidate's folder, without .py;
      globs.
  file (default: none)
      The course's own file in place of the candidate's: its path, relative to
      the rubric.
  builds (default: build_model)
      The function that returns the model that weights belong to.

example
  artifact:
    names: [digits]
    formats: [keras, weights]
    source: {names: [model], builds: build_model}
"""

PARAMETER = """\
kind: a parameter.

Of model.kind (must be there): Sequential, Functional or custom (a class of the
candidate's own), or several of which any will do.

Of contract (default: any): Of an output: any, or probabilities, which lie in
0..1.
"""

LAYER = """\
AvgPool2D: a layer of Keras; files call it AveragePooling2D.

Named in model.layers (class, order), model.forbid (layers), model.io (last) and
predict.ablate (layer).

Settings for where, in model.layers and model.forbid: padding, pool_size,
strides.

Every layer may also have: activity_regularizer, batch_input_shape, data_format,
dtype, name, seed, trainable, *_constraint, *_initializer, *_regularizer.

example
  - {id: averagepooling2d, check: model.layers, class: AveragePooling2D, points: 1}
"""


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("predict.transform", CHECK),
        ("MeanAbsoluteScaledError", METRIC),
        ("MASE", METRIC),
        ("kind", PARAMETER),
        ("avgpool2d", LAYER),
        ("mase", METRIC),
        ("mean_absolute_scaled_error", METRIC),
        ("E_SIZE", CODE),
        ("e_size", CODE),
        ("noise", CHANGE),
    ],
)
def test_a_name_has_a_page(run: "Run", name: str, page: str) -> None:
    ran = run("rubric", "explain", name)

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == page


def test_several_names_have_a_page_each(run: "Run") -> None:
    ran = run("rubric", "explain", "noise", "E_SIZE")

    assert ran.out == f"{CHANGE}\n{CODE}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("acuracy", "there is nothing called 'acuracy'; did you mean 'accuracy'?\n"),
        ("xyzzy", "there is nothing called 'xyzzy'; leave it out to list all\n"),
        ("mea", "there is nothing called 'mea'; did you mean 'mae' or 'mean'?\n"),
        (
            "latency",
            "there is nothing called 'latency'; did you mean 'predict.latency'?\n",
        ),
        (
            "conv",
            "there is nothing called 'conv'; did you mean 'Conv3D', 'Conv2D' or "
            "'Conv1D'?\n",
        ),
    ],
)
def test_a_name_that_is_not_there_is_a_mistake(
    run: "Run", name: str, text: str
) -> None:
    ran = run("rubric", "explain", name)

    assert (ran.status, ran.out, ran.err) == (2, "", text)


@pytest.mark.parametrize(
    "name",
    [
        *("options", "margin", "metric", "shape", "dtype", "weight", "minimum"),
        *("candidates", "defaults", "threshold", "names", "max_size", "memory"),
        *(*LAYER_SETTINGS, *LAYER_ALIASES, "Sequential"),
    ],
)
def test_every_word_of_a_rubric_is_known(name: str) -> None:
    assert {page.name for page in found(name, BUILT_IN)} == {name}


def test_a_key_that_holds_others_has_one_page_with_all_of_them(run: "Run") -> None:
    ran = run("rubric", "explain", "source")

    assert ran.out == SOURCE_PAGE


def test_a_name_of_several_things_has_a_page_for_each() -> None:
    pages = found("max", BUILT_IN)

    assert [page.title for page in pages] == [
        "The points of the best member.",
        "a parameter.",
    ]


@pytest.mark.parametrize("name", LAYERS)
def test_the_example_of_a_layer_can_be_read(name: str, tmp_path: Path) -> None:
    read_example(layer_page(name), tmp_path)


def test_without_a_name_all_names_are_listed(run: "Run") -> None:
    ran = run("rubric", "explain")

    listed = [line.split()[0] for line in ran.out.splitlines() if line[:2] == "  "]
    metrics = dict.fromkeys(metric.name for metric in METRICS.values())
    assert listed == [
        *CHECKS,
        *metrics,
        *PREDICTORS,
        *TRANSFORMS,
        *("threshold", "bands", "curve", "cases"),
        *("sum", "min", "max", "any", "all"),
        *(page.name for page in KEYS),
        *("source", "ids"),
        *ArtifactFormat,
        *Code,
        *REPAIRS,
    ]
    assert "  accuracy  " in ran.out
    assert ran.out.endswith(
        "\n\ntfgrade rubric explain NAME says more of each, and of parameters "
        "(options, shape)\nand layers of Keras (Conv2D)\n"
    )


def test_every_name_has_a_title_and_every_parameter_a_meaning() -> None:
    pages = [page for section in sections(BUILT_IN) for page in section.pages]

    lacking = [
        page.name
        for page in pages
        if not page.title or not all(each.meaning for each in page.parameters)
    ]

    assert lacking == []


def test_no_key_that_a_file_may_hold_is_left_out() -> None:
    held = {
        *RubricFile.model_fields,
        *MeasuringPart.model_fields,
        *GroupPart.model_fields,
        *ExamFile.model_fields,
    }

    assert {page.name for page in KEYS} == held - {*SCALE_KEYS}
    assert {each.name for each in SOURCE.parameters} == {*SourcePart.model_fields}
    assert {each.name for each in IDS.parameters} == {*IdsPart.model_fields}
    assert [page.name for page in SCALES] == list(SCALE_KEYS)
    assert [page.name for page in RULES] == list(GroupRule)


AROUND = """\
task: any
dataset: any
contract:
  inputs: {{image: {{shape: {inputs}, dtype: {dtype}}}}}
  outputs: {{digit: {{shape: [null, 10], kind: probabilities}}}}
"""

INPUTS = {
    "case_change": ("[null]", "string"),
    "typos": ("[null]", "string"),
    "word_drop": ("[null]", "string"),
    "drop_ids": ("[null, 20]", "int32"),
    "reverse_channels": ("[null, 8, 8, 3]", "float32"),
    "series_noise": ("[null, 20]", "float32"),
    "series_scale": ("[null, 20]", "float32"),
    "series_shift": ("[null, 20]", "float32"),
}


def read_example(page: Page, folder: Path) -> None:
    """Read a page's example as a part of a rubric, or of an exam file."""
    shape, dtype = INPUTS.get(page.name, ("[null, 8, 8]", "float32"))
    text = page.example or ""
    (folder / "references").mkdir()
    (folder / "references/digits_good.keras").touch()
    (folder / "vocabulary.txt").write_text("one\ntwo\n")
    (folder / "checks.py").write_text(
        "from pytest_tfgrade.api import Measured, Model\n\n\n"
        "def has_skip(model: Model) -> Measured:\n    return Measured(rationale='a')\n"
    )
    path = folder / "rubric.yaml"
    if page.name in ExamFile.model_fields:
        path = folder / "exam.yaml"
        path.write_text(_merged("exam: a\ntasks: [b]\n", text))
        read_exam(path)
        return
    around = AROUND.format(inputs=shape, dtype=dtype)
    worth = "- {id: worth-something, check: file, points: 5}\n"
    if text.startswith("-"):
        path.write_text(f"{around}criteria:\n{text.rstrip()}\n{worth}")
    elif page.name in {"hint", "skills"}:
        path.write_text(f"{around}criteria:\n{worth.rstrip()[:-1]}, {text}}}\n")
    else:
        path.write_text(_merged(f"{around}criteria:\n{worth}", text))
    read_rubric(path)


def _merged(around: str, text: str) -> str:
    """Return YAML in which the keys of an example stand in place of others."""
    merged: str = yaml.safe_dump({**yaml.safe_load(around), **yaml.safe_load(text)})
    return merged


@pytest.mark.parametrize(
    "page",
    [
        page
        for section in sections(BUILT_IN)
        for page in section.pages
        if page.example and section.title != "checks"
    ],
    ids=lambda page: page.name,
)
def test_every_example_can_be_read(page: Page, tmp_path: Path) -> None:
    read_example(page, tmp_path)


def test_names_are_known_with_their_aliases() -> None:
    assert {"accuracy", "acc", "predict.metric", "E_LOAD", "bands", "any"} <= {
        *known_names(BUILT_IN)
    }


def test_markdown_is_made_of_the_same_page() -> None:
    page = next(
        page for s in sections(BUILT_IN) for page in s.pages if page.name == "mase"
    )

    assert as_markdown(page) == (
        "## `mase`\n"
        "\n"
        "Mean absolute scaled error.\n"
        "\n"
        "* Lower is better; 0 is the best there is.\n"
        "* Also called `mean_absolute_scaled_error`.\n"
        "\n"
        "The mean absolute error over that of the seasonal naive forecast, which "
        "repeats the value of one season ago: below 1 is better than naive. Hyndman "
        'and Koehler, "Another look at measures of forecast accuracy", 2006.\n'
        "\n"
        "| parameter | if left out | meaning |\n"
        "|---|---|---|\n"
        "| `scale` | must be there | Mean absolute error of the seasonal naive "
        "forecast, in the unit of the targets; above 0. |\n"
        "\n"
        "```yaml\n"
        "- id: mase\n"
        "  check: predict.metric\n"
        "  metric: mase\n"
        "  options: {scale: 2.6}\n"
        "  threshold: 0.8\n"
        "  points: 5\n"
        "```\n"
        "\n"
        "A candidate whose model does not meet it reads:\n"
        "\n"
        "> mase 1 > 0.8\n"
    )


# Rubrics in words

RUBRIC = """\
task: digits
title: {en: Digits, de: Ziffern}
description: Recognise handwritten digits.
dataset: digits
artifact: {max_size: 5 MB, formats: [keras]}
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {digit: {shape: [null, 10], kind: probabilities}}
criteria:
  - {id: file, check: file}
  - {id: tiny, check: model.params, max: 5000, points: 1, bonus: true}
  - {id: shapes, check: model.io, activation: softmax, penalty: 2}
  - id: recurrent
    group: any
    points: 2
    criteria:
      - {id: lstm, check: model.layers, class: LSTM}
      - {id: gru, check: model.layers, class: GRU, where: {units: ">= 16"}}
  - id: accuracy
    check: predict.metric
    metric: acc
    bands: {5: 0.9, 2.5: 0.7}
    requires: [file, recurrent]
    hint: {en: Train longer., de: Trainiere länger.}
  - id: turned
    check: predict.transform
    change: {rotate: 15}
    metric: accuracy
    curve: {0: 0.5, 3: 0.8}
    visibility: hidden
  - id: in-the-dark
    check: predict.metric
    metric: accuracy
    dataset: dark
    threshold: 0.6
    points: 1
    visibility: after_due_date
  - id: everywhere
    check: predict.metric
    metric: accuracy
    cases: {dusk: 0.7, dawn: 0.8}
"""

IN_WORDS = """\
Digits (digits): 13 points, and a bonus of 1

Recognise handwritten digits.

To hand in: digits, as .keras, of at most 5 MB.
The model takes image: float32 of shape (None, 8, 8).
It returns digit: probabilities of shape (None, 10).
It may use 60 seconds and 2 GiB of memory. It is tried on hidden data.

criteria
  file: no points, needed for accuracy
    One saved model of an accepted format and size was handed in.
  tiny: a bonus of 1 point
    The number of the model's parameters lies within bounds.
    model.params with max: 5000
  shapes: failing costs 2 points
    The file declares the inputs and outputs that the task asks for.
    model.io with activation: softmax
  recurrent: 2 points, needed for accuracy
    The points of several criteria together.
    2 points if one of these passes:
    lstm: counts in its group
      The model has the required layers.
      model.layers with class: LSTM
    gru: counts in its group
      The model has the required layers.
      model.layers with class: GRU, where: {units: '>= 16'}
  accuracy: up to 5 points
    The metric is good enough on the evaluation dataset.
    predict.metric with metric: acc
    accuracy >= 0.9 earns 5 points, >= 0.7 earns 2.5
    skipped unless passed: file, recurrent
    hint: Train longer.
  turned: up to 3 points, hidden from candidates
    The metric is good enough on inputs that were changed.
    predict.transform with change: {rotate: 15}, metric: accuracy
    accuracy >= 0.8 earns 3, 0.5 earns 0, and values between them points between
  in-the-dark: 1 point, shown to candidates after the due date
    The metric is good enough on the evaluation dataset.
    predict.metric with metric: accuracy
    accuracy >= 0.6 earns 1 point
    on the evaluation dataset dark
  everywhere: up to 2 points
    The metric is good enough on the evaluation dataset.
    predict.metric with metric: accuracy
    accuracy on dusk >= 0.7, dawn >= 0.8; 1 point for each
"""


@pytest.fixture
def rubric(tmp_path: Path) -> Path:
    path = tmp_path / "digits.yaml"
    path.write_text(RUBRIC, encoding="utf-8")
    return path


OF_TEXTS = """\
task: words
artifact: {formats: [keras, weights], source: {names: [layers], builds: make}}
contract:
  inputs:
    text:
      shape: [null]
      dtype: string
      ids: {vocabulary: words.txt, length: 9, padding: pre, truncation: post}
    light: {shape: [null, 8, 8], range: [-1, 1], exact: true}
  outputs:
    topic: {shape: [null, 5], last_step: true}
criteria:
  - {id: kind, check: model.kind, kind: Functional, points: 1, if_unknown: fail}
"""

OF_TEXTS_IN_WORDS = """\
words (words): 1 point

To hand in: words, as .keras or .weights.h5 with the code that builds the model,
of at most 50 MB.
With it: layers.py, with the function make.
The model takes text: string of shape (None,).
Or it takes 9 ids of words, int32: 2 is the first of the 3 words in words.txt, 1
any other, and 0 fills up at the beginning; long texts are cut at the end. Texts
are put in lower case, without punctuation, first.
The model takes light: float32 of shape (None, 8, 8), from -1 to 1, declared
exactly so.
It returns topic: numbers of shape (None, 5), or a sequence of them, whose last
step counts.

criteria
  kind: 1 point
    The model was built in the required way.
    model.kind with kind: Functional
    fails if the format does not hold what is asked
"""


def test_what_a_model_gets_is_said_in_words(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("to\nbe\nor\n")
    rubric = tmp_path / "words.yaml"
    rubric.write_text(OF_TEXTS)

    said = run("rubric", "explain", str(rubric))

    assert said.out == OF_TEXTS_IN_WORDS


def test_code_of_the_course_is_said_to_be_given(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "arch.py").write_text("def build_model(): ...\n")
    rubric = tmp_path / "words.yaml"
    rubric.write_text(
        "task: tiles\n"
        "artifact: {formats: [weights], source: {file: arch.py}}\n"
        "criteria: [{id: file, check: file, points: 1}]\n"
    )

    said = run("rubric", "explain", str(rubric), "--for-candidates")

    assert said.out == (
        "tiles (tiles): 1 point\n\n"
        "To hand in: tiles, as .weights.h5, the weights of the model that arch.py "
        "(given)\nbuilds, of at most 50 MB.\n"
        "\n"
        "criteria\n"
        "  file: 1 point\n"
        "    One saved model of an accepted format and size was handed in.\n"
    )


def test_a_rubric_is_put_into_plain_words(run: "Run", rubric: Path) -> None:
    ran = run("rubric", "explain", "digits.yaml")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == IN_WORDS


FOR_CANDIDATES = """\
  turned: up to 3 points, hidden from candidates
    The metric is good enough on inputs that were changed.
    predict.transform with change: {rotate: 15}, metric: accuracy
    accuracy >= 0.8 earns 3, 0.5 earns 0, and values between them points between
  in-the-dark: 1 point, shown to candidates after the due date
    The metric is good enough on the evaluation dataset.
    predict.metric with metric: accuracy
    accuracy >= 0.6 earns 1 point
    on the evaluation dataset dark
"""
"""What the text for the grader has more."""


def test_candidates_read_nothing_of_what_is_hidden(run: "Run", rubric: Path) -> None:
    ran = run("rubric", "explain", "digits.yaml", "--for-candidates")

    assert (ran.status, ran.err) == (0, "")
    left = IN_WORDS.replace(FOR_CANDIDATES, "")
    assert ran.out == f"{left}  4 points are for what is not shown here\n"


SECRETS = """\
task: digits
dataset: digits
contract:
  inputs: {image: {shape: [null, 8, 8]}}
  outputs: {digit: {shape: [null, 10], kind: probabilities}}
criteria:
  - {id: plain, check: file, points: 1}
  - {id: secret, check: model.params, max: 9, visibility: hidden, requires: [plain]}
  - id: fast
    check: predict.latency
    reference: mine.keras
    threshold: 2
    points: 1
    requires: [plain, secret]
  - id: half
    group: all
    points: 2
    criteria:
      - {id: seen, check: model.layers, class: LSTM}
      - {id: unseen, check: model.layers, class: GRU, visibility: hidden}
  - id: whole
    group: sum
    visibility: after_published
    criteria:
      - {id: member, check: model.layers, class: Dense, points: 3}
selftest: {artifacts: [{file: mine.keras, points: 7}]}
"""

SEEN = """\
criteria
  plain: 1 point, needed for fast
    One saved model of an accepted format and size was handed in.
  fast: 1 point
    The model predicts as fast as the reference model, or nearly.
    predict.latency <= 2 earns 1 point
    skipped unless passed: plain
  half: 2 points
    The points of several criteria together.
    Some of what decides on 2 points is not shown here:
    seen: counts in its group
      The model has the required layers.
      model.layers with class: LSTM
  3 points are for what is not shown here
"""


def test_what_is_hidden_is_not_even_named_to_candidates(
    run: "Run", tmp_path: Path
) -> None:
    (tmp_path / "digits.yaml").write_text(SECRETS)
    (tmp_path / "mine.keras").touch()

    ran = run("rubric", "explain", "digits.yaml", "--for-candidates")

    assert ran.err == ""
    assert ran.out.partition("criteria\n")[2] == SEEN.partition("criteria\n")[2]


def test_titles_and_hints_are_shown_in_a_language(run: "Run", rubric: Path) -> None:
    ran = run("rubric", "explain", "digits.yaml", "--language", "de")

    assert ran.out.startswith("Ziffern (digits): 13 points, and a bonus of 1\n")
    assert "    hint: Trainiere länger.\n" in ran.out


def test_what_the_exam_says_for_all_tasks_holds_here(run: "Run", rubric: Path) -> None:
    rubric.with_name("exam.yaml").write_text(
        "exam: any\ntasks: [digits]\ndefaults: {limits: {seconds: 7}}\n"
    )

    ran = run("rubric", "explain", "digits.yaml")

    assert "It may use 7 seconds and 2 GiB of memory." in ran.out


def test_an_exam_is_put_into_plain_words(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "exam.yaml").write_text(
        "exam: {en: Sample exam}\n"
        "tasks: [line, {task: digits, weight: 2, minimum: 3}]\n"
        "pass_mark: 0.9\n"
        "candidates: ^(?P<candidate>[^_]+)_\n"
    )

    ran = run("rubric", "explain", "exam.yaml")

    assert ran.out == (
        "Sample exam: 2 tasks\n"
        "  line\n"
        "  digits, counts 2 times, at least 3 points needed to pass\n"
        "Passed with 90% of all points.\n"
        "Candidates are found in names by ^(?P<candidate>[^_]+)_\n"
    )


def test_candidates_are_not_told_how_they_are_found(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "exam.yaml").write_text(
        "exam: any\ntasks: [line]\ncandidates: ^(?P<candidate>[^_]+)_\n"
    )

    ran = run("rubric", "explain", "exam.yaml", "--for-candidates")

    assert ran.out == "any: 1 task\n  line\nThere is no pass mark.\n"


def test_a_rubric_with_mistakes_shows_them(run: "Run", tmp_path: Path) -> None:
    (tmp_path / "any.yaml").write_text("task: any\ncriteria: [{id: a, check: fil}]\n")

    ran = run("rubric", "explain", "any.yaml")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "any.yaml:2:27: unknown check 'fil'; did you mean 'file'?\n"


def test_a_rubric_that_is_not_there_is_a_mistake(run: "Run") -> None:
    ran = run("rubric", "explain", "nowhere.yaml")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "nowhere.yaml:1:1: cannot be read: No such file or directory\n"
