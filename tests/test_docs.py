"""README and docs say what is true of the code."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from pytest_tfgrade import __version__
from pytest_tfgrade.cli import main
from pytest_tfgrade.rubric import read_rubric

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
)


def test_generated_parts_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)

    stale = [
        path.name
        for path, text in generate.documents()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert not stale, "run: python docs/generate.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_has_two_set_up_commands() -> None:
    commands = [
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("python3 -m venv ")
    ]

    assert len(commands) == 2


def test_the_rubric_in_the_readme_is_one(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    rubric = next(block for block in blocks if block.startswith("task:"))
    path = tmp_path / "digits.yaml"
    path.write_text(rubric, encoding="utf-8")

    shown, shipped = read_rubric(path), read_rubric(ROOT / "rubrics" / "digits.yaml")

    assert shown.contract == shipped.contract
    accuracy = [
        next(criterion for criterion in rubric.checked if criterion.id == "accuracy")
        for rubric in (shown, shipped)
    ]
    assert accuracy[0].parameters == accuracy[1].parameters
    assert accuracy[0].scale == accuracy[1].scale


def test_examples_in_the_docs_are_yaml() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
            yaml.safe_load(block)


def test_the_changelog_speaks_of_what_is_to_come_or_of_this_version() -> None:
    first = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert first is not None
    assert first[1] == "Unreleased" or first[1].startswith(__version__)


def test_the_shipped_rubrics_are_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)

    status = main(["rubric", "check"])

    assert status == 0
    assert capsys.readouterr().out.splitlines()[0] == (
        "TensorFlow sample exam: 5 tasks, all in order"
    )


def test_a_mistake_in_a_rubric_goes_to_standard_error_with_status_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("tsak: digits\n", encoding="utf-8")

    status = main(["rubric", "check", str(path)])

    assert status == 2
    assert capsys.readouterr().err == (
        f"{path}:1:1: the key 'criteria' is missing; add it\n"
        f"{path}:1:1: unknown key 'tsak'; did you mean 'task'?\n"
    )


def test_the_command_shows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"
