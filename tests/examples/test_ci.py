"""The examples for CI systems: their shell steps run as the system would run them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_tfgrade.options import OPTIONS
from pytest_tfgrade.reports import FORMATS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "ci").iterdir())

NOT_HERE = ("Install the grader", "Let models be isolated")
"""Steps that change the machine."""

GH = """#!/bin/bash
# Stands for GitHub: repositories lie in $GITHUB; comments are written to $COMMENTS.
echo "$GH_TOKEN: gh $*" >> "$GITHUB/log"
case "$1 $2" in
  "repo list") ls "$GITHUB/our-university" ;;
  "repo clone") git clone --quiet "file://$GITHUB/$3" "$4" ;;
  "api repos/"*) cp "${5#body=@}" "$COMMENTS/${2//\\//+}" ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A folder in which a job runs, and the variables that it has."""

    folder: Path
    variables: dict[str, str]

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the script of a step as GitHub and GitLab do."""
        return subprocess.run(
            ["/bin/bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={**os.environ, **self.variables, **more},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with our commands, a course of one task, and an empty folder."""
    programs = tmp_path / "bin"
    programs.mkdir()
    code = "import sys; from pytest_tfgrade.cli import main; sys.exit(main())"
    (programs / "tfgrade").write_text(f"#!{sys.executable} -P\n{code}\n")
    (programs / "gh").write_text(GH)
    for program in programs.iterdir():
        program.chmod(0o755)
    folder = tmp_path / "work"
    data = Path("reference_data") / "linear"
    shutil.copytree(ROOT / data, folder / "course" / data)
    rubric, _, _ = (ROOT / "rubrics" / "linear.yaml").read_text().partition("selftest:")
    (folder / "course" / "rubrics").mkdir()
    (folder / "course" / "rubrics" / "linear.yaml").write_text(rubric)
    return Machine(
        folder=folder,
        variables={
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GITHUB": str(tmp_path / "github"),
            "COMMENTS": str(tmp_path / "comments"),
        },
    )


def hand_in(place: Path, text: str | None = None) -> None:
    """Make a repository with a model for the task, or with some text in its place."""
    place.mkdir(parents=True)
    if text is None:
        model = ROOT / "examples" / "submissions" / "alice" / "linear.keras"
        shutil.copy(model, place / "linear.keras")
    else:
        (place / "linear.keras").write_text(text)
    commit(place)


def commit(place: Path) -> None:
    """Make a folder a repository."""
    git = shutil.which("git")
    assert git, "git is needed, as everywhere where repositories are graded"
    name = ("-c", "user.name=Anna", "-c", "user.email=anna@example.org")
    for words in (("init", "--quiet"), ("add", "."), (*name, "commit", "-qm", "All")):
        subprocess.run([git, *words], cwd=place, check=True)


def read(name: str) -> dict[str, Any]:
    text = (ROOT / "examples" / "ci" / name).read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def scripts(name: str) -> dict[str, str]:
    """Return what the steps of a workflow's job run here, by their names."""
    [job] = read(name)["jobs"].values()
    steps = {step["name"]: step["run"] for step in job["steps"] if "run" in step}
    return {name: run for name, run in steps.items() if name not in NOT_HERE}


def calls(text: str) -> Iterator[str]:
    """Yield each call of ours in one line."""
    joined = re.sub(r"\\\n|\n(?= )", " ", text)
    yield from (line for line in joined.splitlines() if "tfgrade grade " in line)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_option_and_format_of_an_example_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    options = set(re.findall(r"--tfgrade[a-z-]*", text))
    formats = set(re.findall(r"--tfgrade-format=([a-z-]+)", text))
    assert options <= {option.flag for option in OPTIONS}
    assert formats <= {*FORMATS}
    assert formats


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_nothing_of_a_submission_is_run_or_installed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    installed = re.findall(r"pip install(?: --quiet)? (.*)", text)
    assert set(installed) == {'"pytest-tfgrade[cpu]"'}
    for call in calls(text):
        assert "--course course" in call
    assert not re.findall(r"cd .*submission|python (?!-m pip)", text)


@pytest.mark.parametrize("name", ["github-classroom.yml", "github-course.yml"])
def test_a_workflow_may_read_and_no_more_and_leaves_no_keys_behind(name: str) -> None:
    workflow = read(name)

    assert workflow["permissions"] == {"contents": "read"}
    [job] = workflow["jobs"].values()
    checkouts = [s for s in job["steps"] if "checkout" in s.get("uses", "")]
    assert checkouts
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}


def test_classroom_hears_the_points_and_the_student_why(machine: Machine) -> None:
    hand_in(machine.folder / "submission")
    [grade] = scripts("github-classroom.yml").values()

    done = machine.run(grade)

    assert (done.stderr, done.returncode) == ("", 0)
    lines = done.stdout.splitlines()
    assert "::notice title=Autograding complete::Points 5/5" in lines
    assert '::notice title=Autograding report::{"totalPoints":5,"maxPoints":5}' in lines
    assert "::notice title=submission::5/5 points" in lines
    output = Path(machine.variables["GITHUB_OUTPUT"]).read_text()
    assert re.fullmatch(r"result=[A-Za-z0-9+/=]+\n", output)
    summary = Path(machine.variables["GITHUB_STEP_SUMMARY"]).read_text()
    assert "**5/5 points**" in summary
    [upload] = [
        step["with"]["path"].split()
        for step in read("github-classroom.yml")["jobs"]["run-autograding-tests"][
            "steps"
        ]
        if "upload-artifact" in step.get("uses", "")
    ]
    assert [(machine.folder / path).exists() for path in upload] == [True, True]


def test_lost_points_end_the_step_with_1_and_are_told_all_the_same(
    machine: Machine,
) -> None:
    hand_in(machine.folder / "submission", "this is no model")
    [grade] = scripts("github-classroom.yml").values()

    done = machine.run(grade)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "::notice title=Autograding complete::Points 0/5" in lines
    [error] = [line for line in lines if line.startswith("::error")]
    assert error.startswith("::error title=submission%3A%3Alinear::E_FORMAT ")


def test_a_course_grades_everybody_and_tells_each_of_themselves_alone(
    machine: Machine,
) -> None:
    github = Path(machine.variables["GITHUB"])
    comments = Path(machine.variables["COMMENTS"])
    comments.mkdir()
    hand_in(github / "our-university" / "final-exam-anna")
    hand_in(github / "our-university" / "final-exam-bob", "this is no model")
    (github / "our-university" / "final-exam-carol").mkdir()  # nothing to be cloned
    hand_in(github / "our-university" / "homework-anna", "not asked for")
    steps = scripts("github-course.yml")
    variables = read("github-course.yml")["env"]

    done = {
        name: machine.run(script, **variables, GH_TOKEN=name)
        for name, script in steps.items()
    }

    assert {name: one.returncode for name, one in done.items()} == {
        "Get what was handed in": 0,
        "Grade": 0,
        "Tell the candidates": 0,
    }
    warning = "::warning::final-exam-carol could not be cloned\n"
    assert done["Get what was handed in"].stdout == warning
    totals = (machine.folder / "grades" / "totals.csv").read_text().splitlines()
    assert [row.split(",")[:2] for row in totals[1:]] == [["anna", "5"], ["bob", "0"]]
    told = {path.name: path.read_text() for path in comments.iterdir()}
    assert len(told) == 2
    for place, page in told.items():
        pattern = r"repos\+our-university\+final-exam-(\w+)\+commits\+\w{40}\+comments"
        match = re.fullmatch(pattern, place)
        assert match
        assert f"## {match[1]}\n" in page
        assert len(re.findall("^## ", page, re.MULTILINE)) == 1
    assert "homework" not in (machine.folder / "repositories.txt").read_text()


def test_gitlab_grades_the_commit_of_the_pipeline(
    machine: Machine, tmp_path: Path
) -> None:
    server = tmp_path / "server"
    course = server / "our-university" / "tensorflow-course.git"
    course.parent.mkdir(parents=True)
    shutil.move(machine.folder / "course", course)
    commit(course)
    hand_in(server / "students" / "anna.git", "this is no model")
    job = read("gitlab.yml")["grade"]
    before = [line for line in job["before_script"] if "pip install" not in line]

    script = "\n".join([*before, *job["script"]])
    variables = {**job["variables"], **given_by_gitlab(server)}

    done = machine.run(script, **variables)

    assert (done.stderr, done.returncode) == ("", 1)
    for path in job["artifacts"]["paths"]:
        assert (machine.folder / path).exists()
    assert job["artifacts"]["reports"] == {"junit": "grades/junit.xml"}


def given_by_gitlab(server: Path) -> dict[str, str]:
    """Return a job's variables; git takes a folder for the server."""
    given = {
        "CI_SERVER_HOST": "gitlab.example.org",
        "CI_PROJECT_PATH": "students/anna",
        "CI_COMMIT_SHA": "HEAD",
        "CI_JOB_TOKEN": "job",
        "COURSE_READ_TOKEN": "course",
        "GIT_CONFIG_COUNT": "2",
    }
    for place, token in enumerate(("reader:course", "gitlab-ci-token:job")):
        given[f"GIT_CONFIG_KEY_{place}"] = f"url.file://{server}/.insteadOf"
        given[f"GIT_CONFIG_VALUE_{place}"] = f"https://{token}@gitlab.example.org/"
    return given
