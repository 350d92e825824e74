"""What the source can say to candidates has an entry in the catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_tfgrade
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.languages.entry import sentences, taken_apart
from pytest_tfgrade.languages.sentences import sentences_in

PACKAGE = Path(pytest_tfgrade.__file__).parent

SPEAKING = (
    *("adjustments", "checks", "engine", "facts", "runner", "transforms"),
    *("core/scale.py", "core/criterion.py", "reports/audience.py"),
    *("metrics/arrays.py", "metrics/probabilities.py", "metrics/segmentation.py"),
)
"""Where rationales and hints are made."""

FOR_GRADERS = (
    *("adjustments", "runner/cluster", "runner/worker"),
    *("checks/model/compile_problems.py", "checks/model/naming.py"),
    *("checks/predict/changes.py", "engine/__init__.py", "engine/agreement.py"),
    *("engine/course.py", "engine/discovery.py", "engine/intake/gathering.py"),
    *("engine/intake/gradescope.py", "engine/intake/notices.py"),
    *("engine/intake/roster.py", "engine/laying_out.py"),
    *("engine/portraying.py", "engine/predictor_evidence.py", "engine/preflight.py"),
    *("engine/preflight_plan.py", "engine/references.py", "engine/rehearsal.py"),
    *("engine/selftest.py", "engine/trial.py", "runner/canary.py", "runner/folder.py"),
    *("runner/inputs.py", "runner/kept.py", "runner/passes.py", "runner/runtimes.py"),
    *("runner/zygote.py", "transforms/choice.py", "transforms/settings.py"),
)
"""Modules whose texts are read by graders, by authors of rubrics, or in a terminal."""

ERRORS_OF_OTHERS = {
    *("RubricError", "RunnerError", "DatasetError", "UsageError", "TypeError"),
    *("ValueError", "FrameError", "NotApplicable", "NotDeclared", "AmbiguousError"),
    *("ChildLost", "unexpected", "compile"),
}
"""Calls whose texts no candidate reads as a rationale."""

NOT_SAID = {
    # Of errors that are the grader's; their text is put together before.
    "checks/model/where.py": {"remove it"},
    "checks/predict/baseline.py": {"predictor is"},
    "checks/predict/cost.py": {
        "the memory of a model cannot be measured on this machine"
    },
    "checks/predict/inputs_used.py": {
        "all rows of",
        "are equal, so nobody can tell whether it is used",
    },
    "engine/grading.py": {
        "; correct the data or the contract",
        ", which has no verdict",
        "its member",
        "has no verdict",
    },
    "engine/intake/taking_out.py": {"a zip in a zip cannot be inflated:"},
    "engine/staging.py": {"; give a Python file"},
    "engine/submission_folder.py": {": cannot be read:", "; make it readable"},
    "runner/supervision.py": {
        "the zygote ended while it had a child at work",
        "killed from outside, as the kernel does where memory is short",
    },
    "transforms/rows.py": {"change_future starts"},
    "transforms/values.py": {"has no axes"},
    # Of details and of the representation of objects.
    "checks/interface.py": {"<Evaluation of"},
    "checks/predict/steady.py": {"that were tried"},
    "core/criterion.py": {"final part:"},
    "engine/scoring.py": {"final part of"},
    "facts/problems.py": {"the reader returned something unexpected:"},
    "runner/supervision.py:how": {"exit status"},
}
"""Texts beside those for candidates, by module."""

PROSE = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")


def entries() -> str:
    """Return all fixed text of entries, placeholders apart."""
    said = [part for _, entry in sentences() for part in taken_apart(entry)[1]]
    whole = ["\0".join(taken_apart(entry)[1]) for _, entry in sentences()]
    codes = [text for code in Code for text in (code.text, code.hint)]
    return "\n".join((*said, *whole, *codes))


def pieces(node: ast.AST) -> Iterator[str]:
    """Yield the literal texts in a tree that may be said to candidates."""
    match node:
        case ast.FunctionDef(name=name) if "problem" in name:
            return
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.keyword(arg="detail" | "description"):
            return
        case ast.Call(func=func) if ERRORS_OF_OTHERS & {
            getattr(func, "id", ""),
            getattr(func, "attr", ""),
        }:
            return
        case ast.Constant(value=str(text)) if PROSE.search(text):
            yield text
    for child in ast.iter_child_nodes(node):
        yield from pieces(child)


def ways(text: str) -> Iterator[str]:
    """Yield a text of the source as entries may have it."""
    piece = re.sub(r"\{[^}]*\}", "\0", text).strip().removeprefix("% ")
    yield piece
    yield piece.rstrip(" ,;:.(")
    yield re.sub(r"'[^']*'", "\0", piece)
    yield re.sub(r", required [<>]=$", "", piece)
    yield piece.removeprefix(".py")


def speaking() -> list[Path]:
    """Return the modules that make texts for candidates."""
    found = {
        path
        for place in SPEAKING
        for path in ((PACKAGE / place).rglob("*.py"), [PACKAGE / place])[
            place.endswith(".py")
        ]
    }
    return sorted(
        path
        for path in found
        if not any(path.is_relative_to(PACKAGE / place) for place in FOR_GRADERS)
    )


@pytest.mark.parametrize(
    "path", speaking(), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_every_text_for_candidates_has_an_entry(path: Path) -> None:
    place = str(path.relative_to(PACKAGE))
    known = entries()
    not_said = {text for at, texts in NOT_SAID.items() if place in at for text in texts}

    missing = [
        text
        for text in pieces(ast.parse(path.read_text(encoding="utf-8")))
        if not any(way in known or way in not_said for way in ways(text))
    ]

    assert missing == [], (
        "add them to pytest_tfgrade/languages/sentences.txt, or, if no candidate reads "
        "them, to NOT_SAID"
    )


SAID = Path(__file__).parent / "said.txt"
"""Rationales, hints and notes of runs: of examples, hostile submissions and tests."""


def test_what_runs_have_said_is_put_into_chinese() -> None:
    said = SAID.read_text(encoding="utf-8").splitlines()
    chinese = sentences_in("zh")

    still_english = [text for text in said if chinese.translated(text) == text]

    assert still_english == []
