"""What plug-ins add: a package that adds one of each, and what goes wrong."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pytest_tfgrade import api, hookspecs
from pytest_tfgrade.api import Check, Direction, Metric, Needs
from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.extending import GROUP, extensions, installed

MakeModel = Callable[..., Path]

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"

RUBRIC = """\
task: same
dataset: numbers
contract:
  inputs: {x: {shape: [null, 2]}}
  outputs: {y: {shape: [null, 2]}}
criteria:
  - {id: date, check: saved.since, day: 2026-03-01, points: 1}
  - id: near
    check: predict.metric
    metric: share_within
    options: {distance: 0.5}
    threshold: 0.7
    points: 4
"""

TABLE = "a\tb\tp\tq\n" + "1\t2\t1.5\t2\n" * 6 + "3\t4\t3\t5\n" * 4

DATASET = """\
dataset: numbers
title: Numbers, and nearly the same
source: made up for a test
license: CC0-1.0
files: {{hidden.tsv: {sha256}}}
rows: 10
inputs:
  x: {{file: hidden.tsv, field: [a, b], dtype: float32, shape: [2]}}
targets:
  y: {{file: hidden.tsv, field: [p, q], dtype: float32, shape: [2]}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built and installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    options = ("--no-index", "--no-deps", "--no-build-isolation", "--target", folder)
    command = [sys.executable, "-m", "pip", "install", *options, EXAMPLE]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def with_example(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that a test starts find the example."""
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=os.pathsep)


@pytest.fixture
def numbers(pytester: pytest.Pytester, make_model: MakeModel) -> Path:
    """A task that uses all the example adds, and two who handed in; the course."""
    rubrics = pytester.mkdir("rubrics")
    (rubrics / "same.yaml").write_text(RUBRIC, encoding="utf-8")
    data = pytester.path / "reference_data" / "numbers"
    data.mkdir(parents=True)
    (data / "hidden.tsv").write_text(TABLE, encoding="utf-8")
    sha256 = hashlib.sha256(TABLE.encode()).hexdigest()
    described = DATASET.format(sha256=sha256)
    (data / "dataset.yaml").write_text(described, encoding="utf-8")
    folder = pytester.mkdir("submissions")
    for name, day in (("anna", "2026-03-01"), ("b|o", "2025-06-30")):
        model = make_model(f"{name}.keras", ("ReLU", {}), shape=(2,))
        (folder / name).mkdir()
        saved_on(day, model, folder / name / "same.keras")
    return pytester.path


def saved_on(day: str, model: Path, copy: Path) -> None:
    """Copy a model as if Keras had saved it on a day."""
    with zipfile.ZipFile(model) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata.json":
                said = {**json.loads(content), "date_saved": f"{day}@12:00:00"}
                content = json.dumps(said).encode()
            new.writestr(name, content)


def tfgrade(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    code = "import sys; from pytest_tfgrade.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("with_example")
def test_a_run_uses_all_that_an_installed_package_adds(
    pytester: pytest.Pytester, numbers: Path
) -> None:
    result = pytester.runpytest_subprocess(
        "--tfgrade", "submissions", "--tfgrade-report", "out"
    )

    result.stdout.fnmatch_lines(
        [
            "plugins: *tfgrade-example-plugin-0.1*",
            "wrote grades.json, grades.csv, totals.csv, junit.xml, marks.md to out",
        ]
    )
    document = json.loads((numbers / "out" / "grades.json").read_text())
    assert [
        [(c["id"], c["verdict"], c["rationale"]) for c in s["tasks"][0]["criteria"]]
        for s in document["submissions"]
    ] == [
        [
            ("date", "passed", "the file was saved on 2026-03-01"),
            ("near", "passed", "share_within 0.8 >= 0.7"),
        ],
        [
            ("date", "failed", "the file was saved on 2025-06-30, before 2026-03-01"),
            ("near", "passed", "share_within 0.8 >= 0.7"),
        ],
    ]
    assert (numbers / "out" / "marks.md").read_text() == (
        "# rubrics\n"
        "\n"
        "| submission | same | total |\n"
        "| --- | --: | --: |\n"
        "| anna | 5/5 | 5/5 |\n"
        r"| b\|o | 4/5 | 4/5 |" + "\n"
    )


@pytest.mark.usefixtures("with_example")
def test_the_command_knows_what_an_installed_package_adds(numbers: Path) -> None:
    checked = tfgrade("rubric", "check", cwd=numbers)
    schema = tfgrade("rubric", "schema", cwd=numbers)

    assert (checked.stdout, checked.stderr, checked.returncode) == (
        "rubrics: 1 task, all in order\n  same: 5 points, 2 criteria, data numbers\n",
        "",
        0,
    )
    definitions = json.loads(schema.stdout)["$defs"]
    assert "day" in definitions["saved.since"]["required"]
    metrics = definitions["predict.metric"]["properties"]["metric"]["anyOf"][0]["enum"]
    assert "share_within" in metrics


def test_without_the_package_each_of_its_names_is_unknown(numbers: Path) -> None:
    checked = tfgrade("rubric", "check", cwd=numbers)

    messages = [line.partition("; ")[0] for line in checked.stderr.splitlines()]
    assert messages == [
        "rubrics/same.yaml:7:23: unknown check 'saved.since'",
        "rubrics/same.yaml:10:13: unknown metric 'share_within'",
    ]


@pytest.mark.usefixtures("with_example")
def test_workers_of_xdist_know_what_an_installed_package_adds(
    pytester: pytest.Pytester, numbers: Path
) -> None:
    path = numbers / "rubrics" / "same.yaml"
    path.write_text(re.sub("  - id: near.*", "", path.read_text(), flags=re.DOTALL))

    result = pytester.runpytest_subprocess("--tfgrade", "submissions", "-n", "2")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED b|o::same::date*before 2026-03-01*"])


LOADED = """\
from pathlib import Path

def pytest_collection_finish(session):
    loaded = session.config.pluginmanager.has_plugin("example")
    worker = getattr(session.config, "workerinput", {}).get("workerid", "alone")
    Path(f"{worker}.txt").write_text(f"{loaded}")
"""


@pytest.mark.usefixtures("with_example", "submissions")
@pytest.mark.parametrize("blocked", [False, True], ids=["asked", "blocked"])
def test_a_blocked_package_is_loaded_nowhere(
    pytester: pytest.Pytester, blocked: bool
) -> None:
    pytester.makeconftest(LOADED)
    options = ("-p", "no:example") if blocked else ()
    command = ("--tfgrade", "submissions", "-k", "alice", *options)

    pytester.runpytest_subprocess(*command)
    pytester.runpytest_subprocess(*command, "-n", "2")

    said = {path.stem: path.read_text() for path in pytester.path.glob("*.txt")}
    assert said == dict.fromkeys(("alone", "gw0", "gw1"), str(not blocked))


@pytest.mark.usefixtures("with_example")
def test_an_ordinary_run_does_not_load_what_extends_the_grader(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_ordinary():
            assert "tfgrade_example_plugin" not in sys.modules
            assert "pytest_tfgrade.api" not in sys.modules
        """
    )

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"\n", "has no rows, or some unlike its header; correct it"),
        (b"a\tb\n", "has no rows, or some unlike its header; correct it"),
        (b"a\tb\n1\t2\n3\n", "has no rows, or some unlike its header; correct it"),
        (b"a\ta\n1\t2\n", "has two columns of one name; rename one"),
        (b"a\tb\n\xff\t2\n", "is not UTF-8 text; save it as UTF-8"),
    ],
    ids=["blank", "header-alone", "short-row", "one-name-twice", "latin-1"],
)
@pytest.mark.usefixtures("with_example")
def test_the_examples_loader_refuses_what_is_no_table_and_quotes_no_value(
    numbers: Path, table: bytes, message: str
) -> None:
    data = numbers / "reference_data" / "numbers"
    (data / "hidden.tsv").write_bytes(table)
    described = DATASET.format(sha256=hashlib.sha256(table).hexdigest())
    (data / "dataset.yaml").write_text(described, encoding="utf-8")
    code = (
        "from pathlib import Path; from pytest_tfgrade.datasets import load_dataset; "
        "from pytest_tfgrade.extending import installed; "
        "load_dataset(Path('reference_data/numbers'), loaders=installed().loaders)"
    )

    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=numbers,
        capture_output=True,
        text=True,
        check=False,
    )

    place = "reference_data/numbers/dataset.yaml:5:21"
    last = shown.stderr.splitlines()[-1]
    assert last.endswith(f"DatasetError: {place}: hidden.tsv: {message}")


CONFTEST = """\
def pytest_tfgrade_checks():
    from pytest_tfgrade.api import Check, Measured, Model, Needs

    def small(model: Model, *, most: int) -> Measured:
        return Measured(rationale=f"{len(model.facts.layers)} layers, at most {most}")

    yield Check(name="course.small", needs=Needs.FACTS, function=small)
"""


def test_a_conftest_adds_to_a_run_of_pytest(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makeconftest(CONFTEST)
    rewrite("check: file", "check: course.small, most: 3")

    result = pytester.runpytest("--tfgrade", "submissions", "-k", "alice")

    result.assert_outcomes(passed=6, deselected=12)


def rewrite(old: str, new: str) -> None:
    """Change every rubric of the course."""
    for path in Path("rubrics").glob("[!e]*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new))


FAILING = """\
from pytest_tfgrade.api import Audience, ReportFile

class Report:
    file_name = "grades.txt"
    audience = Audience.GRADER

    def render(self, gradebook, request):
        return 1 / 0

def pytest_tfgrade_reports():
    return {"broken": Report(), "words": Words()}

class Words:
    file_name = "words.txt"
    audience = Audience.CANDIDATE

    def render(self, gradebook, request):
        yield ReportFile(name=self.file_name, text=[gradebook.exam])
"""


def test_a_report_that_fails_is_shown_and_the_others_are_written(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makeconftest(FAILING)

    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "out")

    assert result.ret == 4
    result.stdout.fnmatch_lines(
        [
            "could not write reports to out: the report 'broken' failed:",
            "Traceback (most recent call last):",
            "*conftest.py*in render",
            "ZeroDivisionError: division by zero",
        ]
    )
    written = sorted(path.name for path in (pytester.path / "out").iterdir())
    assert written == [
        *("grades.csv", "grades.json", "junit.xml", "totals.csv", "words.txt")
    ]
    assert (pytester.path / "out" / "words.txt").read_text() == "Static exam"


READERS = """\
def fail(artifact):
    raise LookupError(artifact.name)

def pytest_tfgrade_facts_readers():
    return {"lost": fail}
"""


def test_after_a_facts_reader_failed_the_score_is_open_and_the_run_goes_on(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makeconftest(READERS)

    result = pytester.runpytest("--tfgrade", "submissions", "-k", "alice")

    result.assert_outcomes(passed=2, errors=4, deselected=12)
    result.stdout.fnmatch_lines(
        ["*LookupError: wide.keras", "*LookupError: flat.keras"]
    )


EXITS = """\
import sys

def pytest_tfgrade_facts_readers():
    return {"exits": lambda artifact: sys.exit(3)}
"""


@pytest.mark.usefixtures("with_example")
def test_a_facts_reader_that_would_end_the_run_does_not(
    pytester: pytest.Pytester, numbers: Path
) -> None:
    pytester.makeconftest(EXITS)

    result = pytester.runpytest_subprocess("--tfgrade", "submissions")

    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*SystemExit: 3"])


ENDS = """\
from pytest_tfgrade.api import Code, Ungradable

def refuse(artifact):
    raise Ungradable(Code.POLICY, "the file is of another course")

def pytest_tfgrade_facts_readers():
    return {"course": refuse}
"""


def test_a_facts_reader_may_find_the_artifact_at_fault(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makeconftest(ENDS)

    result = pytester.runpytest("--tfgrade", "submissions", "-k", "alice and flat")

    result.assert_outcomes(passed=1, failed=1, skipped=1, deselected=15)
    result.stdout.fnmatch_lines(
        ["E_POLICY: the file is of another course (0/1.5 points)"]
    )


# What a plug-in cannot add


def some_check(name: str = "style.names", **more: Any) -> Check:
    def function(model: api.Model) -> api.Measured:
        """It is so."""
        return api.Measured(rationale="it is so")

    given = {"needs": Needs.FACTS, "function": function, **more}
    return Check(name=name, **given)


def some_metric(name: str = "bias", **more: Any) -> Metric:
    given = {"direction": Direction.LOWER_IS_BETTER, "function": np.subtract, **more}
    return Metric(name=name, **given)


class Text:
    """A report that says nothing."""

    audience = api.Audience.GRADER

    def __init__(self, file_name: Any) -> None:
        self.file_name = file_name

    def render(
        self, gradebook: api.Gradebook, request: api.Request
    ) -> Iterator[api.ReportFile]:
        yield api.ReportFile(name=self.file_name, text=())


class Adds:
    """A plug-in whose hooks return what it is made with."""

    def __init__(
        self,
        checks: Any = None,
        metrics: Any = None,
        loaders: Any = None,
        facts_readers: Any = None,
        reports: Any = None,
    ) -> None:
        self._checks, self._metrics, self._loaders = checks, metrics, loaders
        self._facts_readers, self._reports = facts_readers, reports

    def pytest_tfgrade_checks(self) -> Iterable[Check] | None:
        return self._checks

    def pytest_tfgrade_metrics(self) -> Iterable[Metric] | None:
        return self._metrics

    def pytest_tfgrade_loaders(self) -> Mapping[str, api.Loader] | None:
        return self._loaders

    def pytest_tfgrade_facts_readers(self) -> Mapping[str, api.FactsReader] | None:
        return self._facts_readers

    def pytest_tfgrade_reports(self) -> Mapping[str, api.ReportFormat] | None:
        return self._reports


def managed(**plugins: object) -> pytest.PytestPluginManager:
    """Return a manager of plug-ins by their names."""
    manager = pytest.PytestPluginManager()
    manager.add_hookspecs(hookspecs)
    for name, plugin in plugins.items():
        manager.register(plugin, name)
    return manager


def test_plug_ins_add_in_the_order_of_their_registration_after_what_is_built_in() -> (
    None
):
    check, metric = some_check(), some_metric(aliases=("mean_bias",))
    first = Adds(checks=[check], metrics=(metric,), reports={"b": Text("b.txt")})
    second = Adds(loaders={".tab": open}, facts_readers={"size": len})
    third = Adds(checks=iter([some_check("a.b")]), reports={"a": Text("a.txt")})

    found = extensions(managed(first=first, second=second, third=third))

    assert list(found.vocabulary.checks)[-2:] == ["style.names", "a.b"]
    assert found.vocabulary.metrics["mean_bias"] is metric
    assert found.vocabulary.metrics["bias"] is metric
    assert found.loaders[".tab"] is open
    assert found.facts_readers == {"size": len}
    assert list(found.reports)[-2:] == ["b", "a"]


def clash(model: api.Model, *, points: int) -> api.Measured:
    """Never called."""
    return api.Measured(rationale=f"{points}")


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (
            {"checks": some_check()},
            "pytest_tfgrade_checks returned a Check; return a list of Check",
        ),
        (
            {"checks": ["style.names"]},
            "pytest_tfgrade_checks returned a str in place of a Check; "
            "return a list of Check",
        ),
        (
            {"checks": [some_metric()]},
            "pytest_tfgrade_checks returned a Metric in place of a Check; "
            "return a list of Check",
        ),
        (
            {"checks": [some_check("names")]},
            "'names' cannot be the name of a check; "
            "use lower case words with a dot, as style.layer_names",
        ),
        (
            {"checks": [some_check("model.io")]},
            "the check 'model.io' is there already, built in; "
            "rename it, or leave a plug-in out",
        ),
        (
            {"checks": [some_check(), some_check()]},
            "the check 'style.names' is there already, by the plug-in 'own'; "
            "rename it, or leave a plug-in out",
        ),
        (
            {"checks": [some_check(needs="facts")]},
            "the check 'style.names' needs 'facts'; "
            "write needs=Needs.FACTS, or another of them",
        ),
        (
            {"checks": [some_check(function=clash)]},
            "the check 'style.names' cannot be used: "
            "its parameter 'points' is a key that every criterion has; rename it",
        ),
        (
            {"metrics": some_metric()},
            "pytest_tfgrade_metrics returned a Metric; return a list of Metric",
        ),
        (
            {"metrics": [some_metric("own:bias")]},
            "'own:bias' cannot be the name of a metric; use a word, as share_within",
        ),
        (
            {"metrics": [some_metric(aliases=("mean_squared_error",))]},
            "the metric 'mean_squared_error' is there already, built in; "
            "rename it, or leave a plug-in out",
        ),
        (
            {"metrics": [some_metric(direction="higher")]},
            "the metric 'bias' has the direction 'higher'; "
            "write direction=Direction.HIGHER_IS_BETTER, or the other",
        ),
        (
            {"loaders": [open]},
            "pytest_tfgrade_loaders returned a list; "
            "return a mapping from endings to loaders",
        ),
        (
            {"loaders": {"tsv": open}},
            "'tsv' cannot be the name of a loader; "
            "use an ending in lower case, as .tsv",
        ),
        (
            {"loaders": {".tsv": "open"}},
            "the loader '.tsv' is no loader; give a function of a path",
        ),
        (
            {"loaders": {".csv": open}},
            "the loader '.csv' is there already, built in; "
            "rename it, or leave a plug-in out",
        ),
        (
            {"facts_readers": {1: len}},
            "1 cannot be the name of a facts reader; use a word, as saved",
        ),
        (
            {"facts_readers": {"saved": "2026"}},
            "the facts reader 'saved' is no facts reader; "
            "give a function of an artifact",
        ),
        (
            {"reports": {"marks": Text}},
            "the report 'marks' is no ReportFormat; "
            "give an object with file_name, audience and render",
        ),
        (
            {"reports": {"marks": Text("../marks.md")}},
            "the report 'marks' cannot be written to '../marks.md'; "
            "give the name of a file, as grades.md",
        ),
    ],
)
def test_what_cannot_be_added_is_refused_with_the_plug_in_and_the_way_out(
    added: dict[str, Any], message: str
) -> None:
    manager = managed(own=Adds(**added))

    with pytest.raises(UsageError) as caught:
        extensions(manager)

    assert str(caught.value) == f"the plug-in 'own': {message}"


def test_all_that_is_wrong_with_plug_ins_is_said_at_once() -> None:
    one = Adds(checks=[some_check()], reports={"text": Text("Grades.CSV")})
    two = Adds(checks=[some_check()], loaders={"tsv": open, ".ok": open})

    with pytest.raises(UsageError) as caught:
        extensions(managed(one=one, two=two))

    assert str(caught.value) == (
        "the plug-in 'two': the check 'style.names' is there already, by the plug-in "
        "'one'; rename it, or leave a plug-in out\n"
        "the plug-in 'two': 'tsv' cannot be the name of a loader; use an ending in "
        "lower case, as .tsv\n"
        "the reports 'csv' and 'text' are both written to 'Grades.CSV'; rename one, "
        "or leave a plug-in out"
    )


def test_a_hook_that_raises_ends_the_run_with_the_file_and_the_last_calls(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    conftest = pytester.makeconftest(
        """
        def pytest_tfgrade_metrics():
            yield 1 / 0
        """
    )

    result = pytester.runpytest("--tfgrade", "submissions")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    first, *_, where, line, _, last = result.stderr.str().strip().splitlines()
    assert first == "ERROR: conftest.py: pytest_tfgrade_metrics failed; correct it:"
    assert where == f'  File "{conftest}", line 2, in pytest_tfgrade_metrics'
    assert line == "    yield 1 / 0"
    assert last == "ZeroDivisionError: division by zero"


# What cannot be loaded


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterable[Callable[[str, str], None]]:
    """Make a package of one module that extends the grader."""
    monkeypatch.syspath_prepend(tmp_path)
    made: list[str] = []

    def make(name: str, source: str) -> None:
        module = f"tfgrade_test_{name}"
        made.append(module)
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        information = tmp_path / f"{module}-1.dist-info"
        information.mkdir()
        said = f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n"
        (information / "METADATA").write_text(said, encoding="utf-8")
        entry = f"[{GROUP}]\n{name} = {module}\n"
        (information / "entry_points.txt").write_text(entry, encoding="utf-8")

    yield make
    for module in made:
        sys.modules.pop(module, None)


def test_every_package_that_cannot_be_loaded_is_named(
    install: Callable[[str, str], None],
) -> None:
    install("broken", "import nothing_of_that_name\n")
    install("misspelt", "def pytest_tfgrade_check():\n    return []\n")
    install("wants_more", "def pytest_tfgrade_checks(config):\n    return []\n")

    with pytest.raises(UsageError) as caught:
        installed()

    broken, misspelt, wants = re.split("\n(?=the plug-in)", str(caught.value))
    assert broken == (
        "the plug-in 'broken' (tfgrade_test_broken) cannot be loaded: "
        "ModuleNotFoundError: No module named 'nothing_of_that_name'; "
        "correct it, or leave it out by -p no:broken"
    )
    assert "unknown hook 'pytest_tfgrade_check' in plugin" in misspelt
    assert misspelt.endswith("correct it, or leave it out by -p no:misspelt")
    assert "Argument(s) {'config'} are declared in the hookimpl" in wants
    assert wants.endswith("correct it, or leave it out by -p no:wants_more")


def test_a_package_under_the_name_of_another_plug_in_is_refused(
    pytester: pytest.Pytester,
    submissions: Path,
    install: Callable[[str, str], None],
) -> None:
    install("terminal", "def pytest_tfgrade_checks():\n    return []\n")

    result = pytester.runpytest_inprocess("--tfgrade", "submissions")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.str().strip() == (
        "ERROR: the plug-in 'terminal' (tfgrade_test_terminal) cannot be loaded: "
        "ValueError: another plug-in has its name; "
        "correct it, or leave it out by -p no:terminal"
    )


def test_a_package_that_pytest_loads_by_itself_is_not_asked_twice(
    pytester: pytest.Pytester,
    submissions: Path,
    install: Callable[[str, str], None],
) -> None:
    install(
        "twice",
        "def pytest_tfgrade_facts_readers():\n    return {'size': lambda a: {}}\n",
    )

    result = pytester.runpytest_inprocess(
        *("--tfgrade", "submissions", "-p", "tfgrade_test_twice", "-k", "alice")
    )

    result.assert_outcomes(passed=6, deselected=12)


def test_the_names_for_authors_are_there_and_sorted() -> None:
    assert api.__all__ == sorted(api.__all__)
    assert [name for name in api.__all__ if not hasattr(api, name)] == []
