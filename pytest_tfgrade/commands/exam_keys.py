"""Pages of the keys of an exam file that a rubric does not have."""

from typing import Final

from pytest_tfgrade.commands.page import Page, Parameter

EXAM_KEYS: Final = (
    Page(name="exam", title="The exam's title.", example="exam: Sample exam"),
    Page(
        name="tasks",
        title="The tasks of the exam in order, with weights and minimums.",
        parameters=(
            Parameter(
                name="weight",
                default="1",
                meaning="How often the points of the task count.",
            ),
            Parameter(
                name="minimum",
                default="0",
                meaning="Points of the task, before its weight, without which the exam "
                "is not passed.",
            ),
        ),
        example="""\
tasks:
  - linear
  - {task: digits, weight: 2, minimum: 3}
""",
    ),
    Page(
        name="pass_mark",
        title="The share of all points that passes the exam.",
        example="pass_mark: 0.9",
    ),
    Page(
        name="defaults",
        title="The artifact and limits of each task whose rubric says nothing.",
        example="""\
defaults:
  artifact: {max_size: 5 MB}
  limits: {seconds: 30}
""",
    ),
    Page(
        name="runtimes",
        title="What runs models, the preferred first; for a course of an older Keras.",
        paragraphs=(
            "A name for reports, and the path of a Python that has its own TensorFlow "
            "and h5py; ``here`` is the one that grades. What a runtime cannot load, "
            "the next one tries; those of the Keras that saved a file go first. Left "
            "out: keras3 and tf_keras, both here.",
        ),
        parameters=(
            Parameter(
                name="python",
                default="here",
                meaning="Of a runtime: the path of its Python, relative to the exam "
                "file; may be written alone.",
            ),
            Parameter(
                name="library",
                default="keras",
                meaning="Of a runtime: the package that loads what Keras saved, "
                "``keras`` or ``tf_keras``.",
            ),
        ),
        example="""\
runtimes:
  tf_keras: here  # or a name of yours, as course: ../venv-2.15/bin/python
  keras3: here
""",
    ),
    Page(
        name="candidates",
        title="Who handed in a folder or file: a pattern over its name.",
        paragraphs=("A regular expression with a group named candidate.",),
        example="candidates: ^(?P<candidate>[^_]+)_\\d+_assignsubmission",
    ),
)
