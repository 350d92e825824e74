"""What a run says when it is asked for what cannot be."""

from pathlib import Path

import pytest


def complaint(result: pytest.RunResult) -> str:
    """Return what pytest says before it ends with a usage error."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    return result.stderr.str().strip()


def test_no_rubrics(pytester: pytest.Pytester) -> None:
    pytester.mkdir("submissions")

    result = pytester.runpytest("--tfgrade", "submissions")

    assert complaint(result) == (
        "ERROR: rubrics: there are no rubrics; "
        "give the place of a rubric or of a folder of them"
    )


def test_no_submissions_folder(pytester: pytest.Pytester, course: Path) -> None:
    result = pytester.runpytest("--tfgrade", "handed_in")

    assert complaint(result) == (
        "ERROR: handed_in: there is no such folder; "
        "give the folder that holds the submissions"
    )


def test_a_folder_without_any_artifact(pytester: pytest.Pytester, course: Path) -> None:
    pytester.mkdir("submissions").joinpath("alice").mkdir()

    result = pytester.runpytest("--tfgrade", "submissions")

    assert complaint(result) == (
        "ERROR: submissions: there is no artifact of any task; "
        "expected CANDIDATE/wide.keras, CANDIDATE_wide.keras, "
        "or wide.keras of one candidate"
    )


def test_every_mistake_of_every_rubric_at_once(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    for name, old, new in (
        ("flat", "check: file", "check: flie"),
        ("wide", "points: 1.5", "pionts: 1.5"),
    ):
        path = pytester.path / "rubrics" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new))

    result = pytester.runpytest("--tfgrade", "submissions")

    assert complaint(result) == (
        "ERROR: rubrics/flat.yaml:7:23: unknown check 'flie'; did you mean 'file'?\n"
        "rubrics/wide.yaml:8:35: unknown key 'pionts'; did you mean 'points'?"
    )


def test_an_unknown_task_or_candidate(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    task = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-task", "falt")
    who = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-candidate", "bo")

    assert complaint(task) == (
        "ERROR: --tfgrade-task falt: no such task; did you mean 'flat'?"
    )
    assert complaint(who) == (
        "ERROR: --tfgrade-candidate bo: no such submission; did you mean 'bob'?"
    )


def test_a_dataset_that_is_not_there(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    path = pytester.path / "rubrics" / "flat.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("task: flat", "task: flat\ndataset: digits"))

    result = pytester.runpytest("--tfgrade", "submissions")

    assert complaint(result) == (
        "ERROR: rubrics/flat.yaml:2:10: there is no evaluation dataset 'digits' in "
        "reference_data; "
        "give the place of the folder that holds the datasets"
    )


@pytest.mark.parametrize("value", ["0", "-3", "many"])
def test_a_number_of_workers_that_cannot_be(
    pytester: pytest.Pytester, submissions: Path, value: str
) -> None:
    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-workers", value)

    assert f"--tfgrade-workers: cannot use {value!r}; " in complaint(result)


def test_a_cache_without_a_name_is_not_the_current_folder(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-cache=")

    assert complaint(result) == (
        "ERROR: --tfgrade-cache: cannot use ''; write a folder, or off"
    )


def test_a_report_folder_that_cannot_be_made(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.path.joinpath("taken").write_text("a file", encoding="utf-8")

    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "taken")

    assert complaint(result) == (
        "ERROR: --tfgrade-report taken: cannot be written to; File exists"
    )


def test_a_report_that_cannot_be_written_is_said_and_nothing_is_lost(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    """A folder stands where the file would; it holds for root, too."""
    (pytester.path / "out" / "grades.csv").mkdir(parents=True)

    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "out")

    assert result.ret == 4
    result.assert_outcomes(passed=9, failed=5, skipped=4)
    result.stdout.fnmatch_lines(["could not write reports to out: *grades.csv*"])
    written = [path.name for path in (pytester.path / "out").iterdir()]
    assert sorted(written) == ["grades.csv", "grades.json", "junit.xml", "totals.csv"]


def test_submissions_that_pytest_would_read_as_its_own(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    hostile = "raise SystemExit('imported')\n"
    (submissions / "conftest.py").write_text(hostile, encoding="utf-8")

    result = pytester.runpytest_subprocess("--tfgrade", ".")

    here = pytester.path
    assert complaint(result) == (
        "ERROR: .: pytest would take files of submissions for its own\n"
        f"  they are, or hold, the current folder {here}\n"
        f"  they are, or hold, the import path {here}; what lies there may have run "
        "already\n"
        f"  they are, or hold, the rootdir {here}\n"
        "  give the folder of the submissions alone, as --tfgrade=submissions\n"
        "  or say where the course is, and nothing of theirs is read: tfgrade grade . "
        "--course COURSE"
    )


@pytest.mark.parametrize("named", [(), ("tests",)], ids=["here", "in-an-argument"])
def test_a_folder_of_submissions_that_looks_like_one_of_tests(
    pytester: pytest.Pytester, submissions: Path, named: tuple[str, ...]
) -> None:
    """Pytest reads ``test*/conftest.py`` of every place of tests before it collects."""
    place = pytester.mkdir("tests") if named else pytester.path
    folder = submissions.rename(place / "test_handed_in")
    hostile = "raise SystemExit('imported')\n"
    (folder / "conftest.py").write_text(hostile, encoding="utf-8")

    result = pytester.runpytest_subprocess(f"--tfgrade={folder}", *named)

    assert f"pytest reads conftest.py in {folder}, a place of tests" in (
        complaint(result)
    )


def test_the_same_command_works_again_when_its_report_is_there(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = pytester.mkdir("course")
    (pytester.path / "rubrics").rename(course / "rubrics")
    monkeypatch.chdir(course)
    command = ("--tfgrade=../submissions", "--tfgrade-report", "../out")

    first = pytester.runpytest_subprocess(*command)
    second = pytester.runpytest_subprocess(*command)

    first.assert_outcomes(passed=9, failed=5, skipped=4)
    second.assert_outcomes(passed=9, failed=5, skipped=4)


def test_a_run_that_grades_nothing_leaves_earlier_reports_as_they_are(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.runpytest("--tfgrade", "submissions", "--tfgrade-report", "out")
    before = (pytester.path / "out" / "grades.json").read_bytes()

    pytester.runpytest(
        "--tfgrade", "submissions", "--tfgrade-report", "out", "-k", "nothing"
    )

    assert (pytester.path / "out" / "grades.json").read_bytes() == before


def test_part_of_an_exam_is_not_passed(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest("--tfgrade", "submissions", "--tfgrade-task", "flat")

    result.stdout.fnmatch_lines(
        [
            "submission      flat   total  passed",
            "alice            5/5    5/5[*]    open",
        ]
    )
    result.stdout.no_fnmatch_line("*alice/wide.keras*")


def test_an_argument_inside_the_submissions(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    result = pytester.runpytest_subprocess(
        "--tfgrade", "submissions", "submissions/bob"
    )

    assert "the argument submissions/bob lies in them" in complaint(result)


def test_a_student_repository_is_graded_from_outside_it(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    """The student's own pytest files are there, and nobody reads them."""
    hostile = "raise SystemExit('imported')\n"
    (submissions / "alice" / "conftest.py").write_text(hostile, encoding="utf-8")
    (submissions / "alice" / "category3" / "wide.keras").unlink()

    result = pytester.runpytest_subprocess("--tfgrade", "submissions/alice")

    result.assert_outcomes(passed=6)


@pytest.mark.parametrize("form", [("--tfgrade", "{}"), ("--tfgrade={}",)])
def test_a_course_is_where_one_stands_wherever_submissions_lie(
    pytester: pytest.Pytester,
    submissions: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: tuple[str, ...],
) -> None:
    """By the form with a space, pytest takes submissions for a place of tests."""
    course, elsewhere = pytester.mkdir("course"), pytester.mkdir("elsewhere")
    (pytester.path / "rubrics").rename(course / "rubrics")
    submissions.rename(elsewhere / "submissions")
    (elsewhere / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    monkeypatch.chdir(course)

    words = (word.format("../elsewhere/submissions") for word in form)
    result = pytester.runpytest_subprocess(*words)

    result.assert_outcomes(passed=9, failed=5, skipped=4)


def test_a_course_is_where_one_stands_wherever_its_cache_lies(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = pytester.mkdir("course")
    (pytester.path / "rubrics").rename(course / "rubrics")
    submissions.rename(course / "submissions")
    pytester.mkdir("kept")
    monkeypatch.chdir(course)

    result = pytester.runpytest_subprocess(
        "--tfgrade", "submissions", "--tfgrade-cache", "../kept"
    )

    result.assert_outcomes(passed=9, failed=5, skipped=4)


def test_a_student_repository_with_an_ini_file_is_graded_with_the_equals_sign(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, repository = pytester.mkdir("course"), submissions / "alice"
    (pytester.path / "rubrics").rename(course / "rubrics")
    hostile = "[pytest]\naddopts = --no-such-option\n"
    (repository / "pytest.ini").write_text(hostile, encoding="utf-8")
    (repository / "category3" / "wide.keras").unlink()
    monkeypatch.chdir(course)

    result = pytester.runpytest_subprocess("--tfgrade=../submissions/alice")

    result.assert_outcomes(passed=6)


def test_the_help_shows_every_option(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--help")

    result.stdout.fnmatch_lines(
        [
            "grading of saved models (pytest-tfgrade):",
            "  --tfgrade=PATH *Folder of submissions to grade; *",
            "  --tfgrade-rubrics=PATH",
            "  --tfgrade-data=PATH *",
            "  --tfgrade-report=DIR *",
            "  --tfgrade-task=NAME *",
            "  --tfgrade-candidate=NAME",
            "  --tfgrade-workers=N *",
        ]
    )
