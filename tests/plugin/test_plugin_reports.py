"""Which reports a run writes, where, and the same ones made later."""

import json
import sys
from pathlib import Path

import pytest

from pytest_tfgrade.reports import FORMATS

GRADE = ("--tfgrade=submissions", "--tfgrade-report=out", "-q")

NEEDING = {"canvas", "moodle", "gradescope", "github-classroom"}
"""Formats that need a file of the platform's, or take one submission alone."""

CANDIDATES_OWN = [name for name in FORMATS if name not in {"json", *NEEDING}]


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by their path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_format_that_is_named_is_written_beside_grades_json(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest(*GRADE, "--tfgrade-format=markdown")

    result.stdout.fnmatch_lines(["wrote grades.json, grades.md to out"])
    assert sorted(contents(pytester.path / "out")) == ["grades.json", "grades.md"]


def test_formats_can_stand_in_the_ini_file(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makeini("[pytest]\ntfgrade_format =\n    csv\n    html\n")

    pytester.runpytest(*GRADE)

    assert sorted(contents(pytester.path / "out")) == [
        "candidates/alice.html",
        "candidates/bob.html",
        "candidates/carol.html",
        "grades.csv",
        "grades.json",
    ]


def test_every_report_made_later_has_the_bytes_of_the_run_s_own(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    named = [f"--tfgrade-format={name}" for name in CANDIDATES_OWN]
    pytester.runpytest(*GRADE, *named, "--tfgrade-lang=zh")
    run_s_own = contents(pytester.path / "out")
    for name in run_s_own.keys() - {"grades.json"}:
        (pytester.path / "out" / name).unlink()

    later = [word for name in CANDIDATES_OWN for word in ("--format", name)]
    tfgrade = (sys.executable, "-m", "pytest_tfgrade.cli")
    result = pytester.run(*tfgrade, "report", "out", *later, "--lang=zh")

    assert result.ret == 0, result.stderr.str()
    assert contents(pytester.path / "out") == run_s_own


@pytest.mark.parametrize("variable", ["CI_PROJECT_DIR", "WORKSPACE"])
def test_pages_are_attached_from_where_the_ci_system_looks(
    pytester: pytest.Pytester,
    submissions: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.setenv(variable, str(pytester.path.parent))

    pytester.runpytest(*GRADE, "--tfgrade-format=junit", "--tfgrade-format=html")

    text = contents(pytester.path / "out")["junit.xml"].decode()
    page = f"{pytester.path.name}/out/candidates/bob.html"
    assert f"[[ATTACHMENT|{page}]]" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--tfgrade-format=markdwon", "--tfgrade-format=htlm"],
            [
                "ERROR: --tfgrade-format markdwon: no such report; "
                "did you mean 'markdown'?",
                "--tfgrade-format htlm: no such report; did you mean 'html'?",
            ],
        ),
        (
            ["--tfgrade-lang=deutsch!"],
            [
                "ERROR: --tfgrade-lang deutsch!: is no language; write a tag, as en "
                "or zh"
            ],
        ),
        (
            ["--tfgrade-lang=zn"],
            [
                "ERROR: language zn: neither the grader nor a rubric has texts in it; "
                "use 'en' or 'zh'"
            ],
        ),
        (
            ["--tfgrade-fill=nowhere.csv"],
            [
                "ERROR: --tfgrade-fill nowhere.csv: cannot be read: No such file or "
                "directory; give the file as it was exported"
            ],
        ),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is_graded(
    pytester: pytest.Pytester,
    submissions: Path,
    options: list[str],
    message: list[str],
) -> None:
    result = pytester.runpytest(*GRADE, *options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [*message, ""]
    assert contents(pytester.path / "out") == {}


@pytest.mark.parametrize("option", ["--tfgrade-format=html", "--tfgrade-column=Exam"])
def test_a_format_without_a_folder_is_a_mistake(
    pytester: pytest.Pytester, submissions: Path, option: str
) -> None:
    result = pytester.runpytest("--tfgrade=submissions", option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    flag = option.partition("=")[0]
    text = f"ERROR: {flag}: no report is written; add --tfgrade-report=DIR"
    assert result.errlines == [text, ""]


def test_a_format_that_needs_a_file_says_so_before_anything_is_graded(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest(*GRADE, "--tfgrade-format=canvas")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *canvas*"])
    assert "passed" not in result.stdout.str()


def test_on_github_reports_go_where_its_runner_looks_for_them(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary, output = pytester.path / "summary.md", pytester.path / "output"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    named = ("github-summary", "github-classroom", "github-annotations")

    result = pytester.runpytest(
        *GRADE,
        "--tfgrade-candidate=bob",
        *(f"--tfgrade-format={name}" for name in named),
    )

    assert summary.read_text().startswith("before\n")
    assert "bob" in summary.read_text()
    assert output.read_text().startswith("result=")
    result.stdout.fnmatch_lines(
        ["::notice title=Autograding complete::*", "::warning title=bob*"]
    )


def test_elsewhere_they_are_files_alone(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.delenv(variable, raising=False)

    result = pytester.runpytest(*GRADE, "--tfgrade-format=github-annotations")

    assert "::error" not in result.stdout.str()
    assert (pytester.path / "out" / "github-annotations.txt").exists()


def test_an_early_run_s_reports_stay_if_nothing_was_graded(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest(*GRADE)
    before = contents(pytester.path / "out")

    pytester.runpytest(*GRADE, "-k", "nothing")

    assert contents(pytester.path / "out") == before


def test_xdist_brings_the_same_reports(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest_subprocess(*GRADE, "--tfgrade-format=html")

    pytester.runpytest_subprocess(
        *("--tfgrade=submissions", "--tfgrade-report=apart", "-n2"),
        "--tfgrade-format=html",
    )

    pages = contents(pytester.path / "apart")
    assert json.loads(pages.pop("grades.json"))["complete"] is True
    own = contents(pytester.path / "out")
    del own["grades.json"]
    assert pages == own
