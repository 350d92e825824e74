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
        title="What names of folders and files are like, and so who handed them in.",
        paragraphs=(
            "The name of a platform, as its download has them: ``moodle``, ``canvas``, "
            "``gradescope`` or ``github-classroom``. Or a regular expression with a "
            "group named candidate. Left out: a platform's names are known where they "
            "leave no doubt, and a line of the run says so; others are taken as they "
            "are.",
        ),
        parameters=(
            Parameter(
                name="platform",
                default="none",
                meaning="The same, where more is to be said.",
            ),
            Parameter(
                name="assignment",
                default="found out",
                meaning="Of github-classroom: what names of repositories begin with.",
            ),
        ),
        example="candidates: {platform: github-classroom, assignment: exam}",
    ),
    Page(
        name="duplicates",
        title="Which counts, if a candidate handed in more than once for a task.",
        paragraphs=(
            "``latest``, ``first``, or ``refuse`` for none: then the task has "
            "E_FORMAT. The platform's count of attempts decides, else the time. What "
            "does not count is told. Left out: latest; with a pattern of your own, "
            "which may take two people for one, nothing is chosen.",
        ),
        example="duplicates: first",
    ),
    Page(
        name="due",
        title="When candidates had to hand in: a time with a zone.",
        paragraphs=(
            "What came later is marked as late, and loses only what ``late`` says. The "
            "time is the platform's, else that of the entry in the downloaded zip, "
            "else that of the file.",
        ),
        example="due: 2025-01-31 23:59 Europe/Berlin",
    ),
    Page(
        name="late",
        title="What lateness costs: a share of the points of the whole submission.",
        paragraphs=(
            "Lengths of time have units: s, min, h, days, weeks. Who is late by no "
            "more than a length is before it. All are counted from ``due``, also with "
            "grace, or from a candidate's own extension. Shares never fall as time "
            "goes on; points that are lost are rounded down to hundredths.",
        ),
        parameters=(
            Parameter(
                name="bands",
                default="none",
                meaning="The share that is lost by whoever came later than that, as "
                "``{0: 10%, 1 day: 25%, 1 week: 100%}``.",
            ),
            Parameter(
                name="curve",
                default="none",
                meaning="The same on straight lines between, as ``{0: 0%, 10 days: "
                "100%}``; in place of bands.",
            ),
            Parameter(
                name="grace",
                default="0",
                meaning="How much later still counts as in time.",
            ),
            Parameter(
                name="of",
                default="earned",
                meaning="What it is a share of: points that were ``earned``, or that "
                "are ``possible``.",
            ),
            Parameter(
                name="clock",
                default="platform",
                meaning="The least to be trusted that points may hang on: the "
                "``platform``'s record, times in the downloaded ``zip``, or those of "
                "each ``file`` on this disk. Platforms often write the time of the "
                "download into the zip.",
            ),
        ),
        example="""\
due: 2025-01-31 23:59 Europe/Berlin
late:
  grace: 15 min
  bands: {0: 10%, 1 day: 25%, 1 week: 100%}
""",
    ),
)
