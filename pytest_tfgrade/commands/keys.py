"""Pages of the keys that rubrics and the exam file are made of.

Tests hold them against the types that read a rubric, so that no key is left out.
"""

from typing import Final

from pytest_tfgrade.commands.exam_keys import EXAM_KEYS
from pytest_tfgrade.commands.page import REQUIRED, Page, Parameter
from pytest_tfgrade.commands.scale_pages import RULES

_OF_ENTRIES: Final = (
    Page(
        name="id",
        title="The name of a criterion or group, unique in its rubric.",
        paragraphs=(
            "It is the last part of the pytest item and stands in every report, so "
            "change it only before anything was graded.",
        ),
        example="- {id: accuracy, check: predict.metric, metric: mae, threshold: 2}",
    ),
    Page(
        name="check",
        title="What is asked; the other keys of the criterion are its parameters.",
        paragraphs=(
            "The name of a check, or ``module:name`` of a function of your own beside "
            "the rubric.",
        ),
        example="- {id: has-skip, check: checks:has_skip, points: 1}",
    ),
    Page(
        name="points",
        title="What a criterion, group or task is worth.",
        paragraphs=(
            "Exact decimals. Left out, they are those of the best band or value, 1 for "
            "each case, or 0: then a criterion only gates what requires it, or "
            "informs. At the top of a rubric they are what the criteria must add up "
            "to.",
        ),
        example="- {id: small, check: model.params, max: 100000, points: 0.5}",
    ),
    Page(
        name="title",
        title="The criterion, task or exam in words, for candidates and graders.",
        paragraphs=("One text, or a text for each language.",),
        example="title: {en: Handwritten digits, de: Handgeschriebene Ziffern}",
    ),
    Page(
        name="requires",
        title="Criteria and groups above that must pass first; else it is skipped.",
        paragraphs=(
            "A criterion with bands passes with its best band only. What a group "
            "requires, its members require as well.",
        ),
        example="""\
- {id: contract, check: predict.contract}
- id: accuracy
  check: predict.metric
  metric: accuracy
  threshold: 0.8
  points: 5
  requires: [contract]
""",
    ),
    Page(
        name="hint",
        title="What a candidate who loses points can try; in place of the check's.",
        paragraphs=("One text, or a text for each language.",),
        example="hint: Shift the training images at random.",
    ),
    Page(
        name="skills",
        title="Labels of a syllabus, passed on to reports.",
        example="skills: [s1.07, s2.03]",
    ),
    Page(
        name="visibility",
        title="When candidates may see a criterion: title, result, reason and hint.",
        notes=(
            "visible: always, as if left out.",
            "hidden: never; its points count.",
            "after_due_date: with --tfgrade-reveal=after_due_date.",
            "after_published: with --tfgrade-reveal=after_published.",
        ),
        example="""\
- id: no-decoration
  check: predict.ablate
  layer: Conv2D
  metric: accuracy
  points: 1
  visibility: hidden
""",
    ),
    Page(
        name="bonus",
        title="Whether the points come on top of those that are possible.",
        paragraphs=("A task of 5 points with a bonus of 1 can earn 6 of 5.",),
        example="- {id: tiny, check: model.params, max: 2000, points: 1, bonus: true}",
    ),
    Page(
        name="penalty",
        title="What failing costs, in place of points.",
        paragraphs=("A task never gets less than 0 points.",),
        example="- {id: size, check: model.params, max: 100000, penalty: 2}",
    ),
    Page(
        name="if_unknown",
        title="What becomes of a criterion that the file holds no facts for.",
        notes=(
            "skip: it is skipped, and so is what requires it; as if left out.",
            "fail: it fails.",
        ),
        paragraphs=(
            "Only .keras and .h5 files hold layers, compile settings and weights; a "
            "SavedModel often holds weights alone, a .tflite file none of them. Either "
            "way the candidate reads which format would do.",
        ),
        example="""\
- {id: conv, check: model.layers, class: Conv2D, points: 1, if_unknown: fail}
""",
    ),
    Page(
        name="group",
        title="Criteria whose points count together, by a rule.",
        notes=tuple(f"{rule.name}: {rule.title}" for rule in RULES),
        paragraphs=(
            "A group may be required, hidden or a bonus like a criterion. It has "
            "criteria, not groups.",
        ),
        example="""\
- id: recurrent
  group: any
  points: 2
  criteria:
    - {id: lstm, check: model.layers, class: LSTM}
    - {id: gru, check: model.layers, class: GRU}
""",
    ),
    Page(
        name="criteria",
        title="What is asked, in the order in which it is checked; also of a group.",
        example="criteria:\n  - {id: file, check: file, points: 1}",
    ),
)

_OF_RUBRICS: Final = (
    Page(
        name="task",
        title="The identifier of a task, unique in the exam; a part of every item.",
        example="task: digits",
    ),
    Page(
        name="description",
        title="What the candidate is to do; one text, or a text for each language.",
        example="description: Recognise handwritten digits of 8 by 8 pixels.",
    ),
    Page(
        name="dataset",
        title="The evaluation dataset, a folder in reference_data.",
        paragraphs=("A criterion may name another one with the same contract.",),
        example="dataset: digits",
    ),
    Page(
        name="artifact",
        title="Where the saved model lies, and what it may be.",
        parameters=(
            Parameter(
                name="names",
                default="the task",
                meaning="Paths in a candidate's folder, without the ending; globs.",
            ),
            Parameter(
                name="formats",
                default="all, ``weights`` only with a source",
                meaning="What the file may be: ``keras``, ``h5``, ``savedmodel``, "
                "``tflite``, ``weights``; known by content.",
            ),
            Parameter(name="max_size", default="50 MB", meaning="With a unit."),
            Parameter(
                name="source",
                default="none",
                meaning="Python code that goes with the file: ``{names: [model]}`` "
                "for the candidate's, or ``{file: model.py}`` for the course's own.",
            ),
            Parameter(
                name="signature",
                default="serving_default",
                meaning="What is called of a SavedModel or TFLite file.",
            ),
            Parameter(
                name="allow_lambda",
                default="false",
                meaning="Whether Lambda layers may run, in the sandbox.",
            ),
        ),
        example="artifact: {names: [digits, category2/mymodel], max_size: 5 MB}",
    ),
    Page(
        name="contract",
        title="What the model takes and returns, by the names of the dataset.",
        parameters=(
            Parameter(
                name="inputs",
                default=REQUIRED,
                meaning="By name, shape and dtype of each input.",
            ),
            Parameter(
                name="outputs",
                default=REQUIRED,
                meaning="By name, shape and kind of each output.",
            ),
            Parameter(
                name="shape",
                default=REQUIRED,
                meaning="Of an input or output: the axis of examples first, ``null``; "
                "``null`` elsewhere is any size.",
            ),
            Parameter(
                name="dtype",
                default="float32",
                meaning="Of an input: a NumPy dtype, or ``string``.",
            ),
            Parameter(
                name="exact",
                default="false",
                meaning="Of an input: whether models must declare this shape and "
                "dtype. Else axes of size 1 may be more or fewer, and numbers are cast "
                "where that loses nothing.",
            ),
            Parameter(
                name="range",
                default="unknown",
                meaning="Of an input: the least and the largest value, as "
                "``[0, 255]``. Pixels are mapped to it, other data must keep it.",
            ),
            Parameter(
                name="ids",
                default="texts are all",
                meaning="Of texts: how they become ids of words for models that take "
                "numbers; it has keys of its own.",
            ),
            Parameter(
                name="kind",
                default="any",
                meaning="Of an output: ``any``, or ``probabilities``, which lie in "
                "0..1.",
            ),
            Parameter(
                name="last_step",
                default="false",
                meaning="Of an output: whether a model may return a sequence, of which "
                "the last step counts.",
            ),
        ),
        example="""\
contract:
  inputs:
    image: {shape: [null, 8, 8], dtype: float32}
  outputs:
    digit: {shape: [null, 10], kind: probabilities}
""",
    ),
    Page(
        name="limits",
        title="What the model may use: wall clock and memory.",
        parameters=(
            Parameter(
                name="seconds",
                default="60",
                meaning="From loading to the last prediction.",
            ),
            Parameter(
                name="memory",
                default="2 GiB",
                meaning="Beyond what TensorFlow itself takes; with a unit.",
            ),
        ),
        example="limits: {seconds: 30, memory: 1 GiB}",
    ),
    Page(
        name="selftest",
        title="What the rubric must give for files and trivial predictors known.",
        parameters=(
            Parameter(
                name="artifacts",
                default="none",
                meaning="Files beside the rubric, and the points that each must get.",
            ),
            Parameter(
                name="file",
                default=REQUIRED,
                meaning="Of an artifact: its path, relative to the rubric.",
            ),
            Parameter(
                name="predictors",
                default="0 for all that make sense and need no options",
                meaning="The most points that each trivial predictor may earn; with "
                "options as ``{points: 0, options: {period: 24}}``.",
            ),
        ),
        example="""\
selftest:
  artifacts:
    - {file: references/digits_good.keras, points: 5}
  predictors:
    majority: 0
    linear: 1
    seasonal_naive: {points: 0, options: {period: 24}}
""",
    ),
)

KEYS: Final = (*_OF_ENTRIES, *_OF_RUBRICS, *EXAM_KEYS)
"""Keys of criteria and groups, of the rubric around them, and of the exam file."""
