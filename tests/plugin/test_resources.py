"""What a run is to have: options that contradict each other, and a cache or none."""

from pathlib import Path

import pytest

GRADE = ("--tfgrade=submissions", "-p", "no:cacheprovider")


def complaint(result: pytest.RunResult) -> str:
    """Return what pytest says before it ends with a usage error."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    return result.stderr.str().strip()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(
            ["--tfgrade-engine=dask"],
            "--tfgrade-engine dask: there is no cluster; "
            "name its scheduler with --tfgrade-dask=ADDRESS",
            id="dask-without-an-address",
        ),
        pytest.param(
            ["--tfgrade-dask=tcp://host:8786"],
            "--tfgrade-dask tcp://host:8786: is not used by the local engine; "
            "add --tfgrade-engine=dask, or leave it out",
            id="an-address-without-dask",
        ),
        pytest.param(
            ["--tfgrade-engine=dask", "--tfgrade-dask=tcp://host:8786", "-n2"],
            "--tfgrade-engine dask: its workers run models side by side already; "
            "leave out -n of pytest-xdist",
            id="dask-with-xdist",
        ),
        pytest.param(
            ["--tfgrade-engine=cluster"],
            "--tfgrade-engine: cannot use 'cluster'; write local or dask",
            id="another-engine",
        ),
        pytest.param(
            ["--tfgrade-cache-size=much"],
            "--tfgrade-cache-size: cannot use 'much'; "
            "write a number and a unit, as 500 MB or 2 GiB",
            id="a-size-without-a-number",
        ),
        pytest.param(
            ["--tfgrade-cache=rubrics/flat.yaml"],
            "the cache rubrics/flat.yaml: cannot be used: File exists; "
            "give another folder with --tfgrade-cache, or off",
            id="a-cache-that-is-a-file",
        ),
        pytest.param(
            ["--tfgrade-candidate=alcie"],
            "--tfgrade-candidate alcie: no such submission; did you mean 'alice'?",
            id="a-candidate-misspelt",
        ),
        pytest.param(
            ["--tfgrade-roster=roster.csv"],
            "roster.csv: cannot be read: No such file or directory; "
            "give a CSV file after --tfgrade-roster",
            id="no-roster",
        ),
    ],
)
def test_what_cannot_be_ends_the_run_before_anything_is_graded(
    pytester: pytest.Pytester, submissions: Path, options: list[str], said: str
) -> None:
    result = pytester.runpytest(*GRADE, *options)

    assert complaint(result) == f"ERROR: {said}"


def test_dask_that_is_not_installed_is_named(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    pytester.makeconftest("import sys\nsys.modules['distributed'] = None\n")

    result = pytester.runpytest_subprocess(
        *GRADE, "--tfgrade-engine=dask", "--tfgrade-dask=tcp://127.0.0.1:1"
    )

    assert complaint(result) == (
        "ERROR: --tfgrade-engine dask: Dask is not installed; "
        "install it: pip install 'pytest-tfgrade[dask]'"
    )


def test_a_usual_cache_that_cannot_be_used_is_done_without(
    pytester: pytest.Pytester, submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pytester.path / "home").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(pytester.path / "home"))

    result = pytester.runpytest(*GRADE)

    result.assert_outcomes(passed=9, failed=5, skipped=4)
    result.stdout.fnmatch_lines(["nothing is kept for later runs: the cache *home/*"])


def test_a_damaged_cache_begins_anew_and_says_where_the_old_one_is(
    pytester: pytest.Pytester, submissions: Path
) -> None:
    folder = pytester.mkdir("cache")
    folder.chmod(0o700)
    (folder / "kept-1.sqlite").write_bytes(b"no database" * 100)

    result = pytester.runpytest(*GRADE, "--tfgrade-cache=cache")

    result.assert_outcomes(passed=9, failed=5, skipped=4)
    result.stdout.fnmatch_lines(["the cache was damaged and begins anew; see *"])
    assert (folder / "kept-1.sqlite.damaged").read_bytes() == b"no database" * 100
