"""Every rubric, exam file and part of one in the docs is read as a course's own is."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml

from pytest_tfgrade.cli import main
from pytest_tfgrade.datasets import read_description
from pytest_tfgrade.rubric import read_exam, read_rubric

ROOT: Final = Path(__file__).parents[1]
HOW_TOS: Final = sorted(ROOT.glob("docs/howto/*.md"))
OF_CLASSES: Final = (
    *("gradebooks", "handing-in", "integrity", "large-classes", "late-and-overrides"),
    *("many-machines", "regrading"),
)
"""How-tos about running the tool, not about rubrics."""

PAGES: Final = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *HOW_TOS]
"""All but the generated reference, whose examples are read where they are kept."""

FOR_AUTHORS: Final = [ROOT / "docs/tutorial.md", ROOT / "docs/rubrics.md", *HOW_TOS]
"""Pages in which each YAML block is a whole file, or a part that fits ``FRAME``."""

FRAME: Final = """\
task: frame
dataset: frame
contract:
  inputs:
    series: {shape: [null, 48, 3]}
  outputs:
    topic: {shape: [null, 10], kind: probabilities}
criteria:
- {id: contract, check: predict.contract, points: 5}
"""
"""A rubric that lacks nothing; criteria or another part may follow."""

KINDS: Final = {
    "task": "rubric",
    "exam": "exam file",
    "dataset": "description of data",
    "-": "criteria",
    "selftest": "part of a rubric",
    None: "comment",
}
"""What a block is, by its first key."""


class Block(NamedTuple):
    """YAML in a page."""

    page: Path
    line: int
    text: str

    @property
    def kind(self) -> str | None:
        """What it is; None for what nobody would read."""
        told = re.search(r"^(?!#|\s)(-|\w+)", self.text, re.MULTILINE)
        return KINDS.get(told and told[1])

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(pages: list[Path], *kinds: str) -> list[Block]:
    return [block for page in pages for block in _blocks(page) if block.kind in kinds]


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"```yaml\n(.*?)```", text, re.DOTALL):
        yield Block(page, text[: found.start()].count("\n") + 2, found[1])


def written(block: Block, folder: Path) -> Path:
    """Write a block as a rubric, and the files that it names, which may be empty."""
    path = folder / "course" / "rubrics" / "rubric.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(block.text, encoding="utf-8")
    for name in _model_files(yaml.safe_load(block.text)):
        file = path.parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return path


def _model_files(node: Any) -> Iterator[str]:
    if isinstance(node, str) and node.endswith((".keras", ".h5")):
        yield node
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _model_files(inner)


@pytest.mark.parametrize("block", blocks(PAGES, "rubric"), ids=str)
def test_a_rubric_in_the_docs_is_in_order(block: Block, tmp_path: Path) -> None:
    path = written(block, tmp_path)

    rubric = read_rubric(path)

    assert rubric.points > 0


@pytest.mark.parametrize("block", blocks(PAGES, "exam file"), ids=str)
def test_an_exam_file_in_the_docs_is_in_order(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "exam.yaml"
    path.write_text(block.text, encoding="utf-8")

    exam = read_exam(path)

    assert exam.tasks


@pytest.mark.parametrize(
    "block", blocks(FOR_AUTHORS, "criteria", "part of a rubric"), ids=str
)
def test_a_part_of_a_rubric_fits_into_one(block: Block, tmp_path: Path) -> None:
    whole = block._replace(text=FRAME + block.text)
    path = written(whole, tmp_path)

    rubric = read_rubric(path)

    assert len(rubric.criteria) > 1 or rubric.selftest.predictors


@pytest.mark.parametrize("block", blocks(FOR_AUTHORS, "description of data"), ids=str)
def test_a_description_of_data_is_in_order(block: Block, tmp_path: Path) -> None:
    name = yaml.safe_load(block.text)["dataset"]
    folder = tmp_path / name
    folder.mkdir()
    (folder / "dataset.yaml").write_text(block.text, encoding="utf-8")
    (folder / "generate.py").write_text(f"def {name}(*, seed): ...", encoding="utf-8")

    description = read_description(folder)

    assert description.dataset == name


def test_no_yaml_for_authors_goes_unread() -> None:
    unread = [
        str(block)
        for page in FOR_AUTHORS
        for block in _blocks(page)
        if block.kind is None
    ]

    assert unread == []


def test_each_how_to_shows_a_whole_rubric() -> None:
    shown = {block.page for block in blocks(HOW_TOS, "rubric")}

    assert sorted(shown) == [page for page in HOW_TOS if page.stem not in OF_CLASSES]
    assert len(shown) > 1


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("docs/*/*.md")), ids=lambda page: page.name
)
def test_links_in_folders_of_the_docs_lead_to_files(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


TUTORIAL: Final = ROOT / "docs/tutorial.md"
STARTS_TENSORFLOW: Final = re.compile(r"pytest|tfgrade (rubric selftest$|report)")
"""Commands that start it, or read what was graded with it."""


def test_the_tutorial_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    steps = re.findall(
        r"```(console|diff)\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL
    )

    for kind, text in steps:
        if kind == "diff":
            _edit(tmp_path / "course/rubrics/line.yaml", text)
            continue
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.M):
            if command.startswith("cd "):
                monkeypatch.chdir(command.removeprefix("cd "))
            elif not STARTS_TENSORFLOW.match(command):
                main(shlex.split(command)[1:])
                said = capsys.readouterr()
                assert said.out + said.err == shown, command


def _edit(path: Path, change: str) -> None:
    """Replace lines of a file that begin with "-" by those after them."""
    text = path.read_text(encoding="utf-8")
    for old, new in re.findall(r"^-(.*)\n\+(.*)\n", change, re.MULTILINE):
        assert text.count(f"{old}\n") == 1, old
        text = text.replace(f"{old}\n", f"{new}\n")
    path.write_text(text, encoding="utf-8")


def test_the_rubric_in_the_tutorial_is_the_one_that_init_writes(
    tmp_path: Path,
) -> None:
    (shown,) = blocks([TUTORIAL], "rubric")

    main(["init", str(tmp_path / "course")])

    assert shown.text == (tmp_path / "course/rubrics/line.yaml").read_text()
