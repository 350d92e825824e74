"""``tfgrade rubric explain``: what a rubric asks, or what a name in it means."""

import argparse
from pathlib import Path
from typing import Final

from pytest_tfgrade.commands.page import as_lines, as_text
from pytest_tfgrade.commands.plain_words import exam_text, rubric_text
from pytest_tfgrade.commands.reference import found, names_meant, sections
from pytest_tfgrade.commands.wording import either
from pytest_tfgrade.core.errors import RubricError, UsageError
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.documents import Invalid
from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.rubric import Vocabulary, read_exam, read_rubric
from pytest_tfgrade.rubric.defaults import NO_DEFAULTS
from pytest_tfgrade.rubric.exam import FILE_NAME


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take names, or the places of rubrics."""
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        help="A check, metric, predictor, change, scale, group rule, key, parameter, "
        "format, code, repair or layer of Keras, or the path of a rubric or exam file; "
        "without any, names are listed",
    )
    parser.add_argument(
        "--language",
        metavar="TAG",
        default=DEFAULT,
        help="Language of titles and hints of a rubric (default: %(default)s)",
    )
    parser.add_argument(
        "--for-candidates",
        action="store_true",
        help="Leave out of a rubric what candidates may not see before they hand in",
    )


def explain(given: argparse.Namespace, extensions: Extensions) -> str:
    """Return what is asked for: pages of names, rubrics in words, or all names.

    Raises:
        UsageError: There is no such name.
        RubricError: With every problem of a rubric.
    """
    vocabulary = extensions.vocabulary
    if not given.names:
        return _listed(vocabulary)
    texts = [
        text for name in given.names for text in _explained(name, vocabulary, given)
    ]
    return "\n".join(texts)


def _listed(vocabulary: Vocabulary) -> str:
    """Return every name with its title."""
    parts = []
    for section in sections(vocabulary):
        width = max(len(page.name) for page in section.pages)
        rows = [f"  {page.name:{width}}  {page.title}" for page in section.pages]
        about = as_lines(f"{section.title}: {section.about}")
        parts.append("\n".join([about, *rows]))
    parts.append(_MORE)
    return "\n\n".join(parts) + "\n"


_MORE: Final = """\
tfgrade rubric explain NAME says more of each, and of parameters (options, shape)
and layers of Keras (Conv2D)"""


def _explained(
    name: str, vocabulary: Vocabulary, given: argparse.Namespace
) -> list[str]:
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        return [_in_words(path, vocabulary, given)]
    pages = found(name, vocabulary)
    if pages:
        return [as_text(page) for page in pages]
    meant = [repr(each) for each in names_meant(name, vocabulary)]
    remedy = f"did you mean {either(meant)}?" if meant else "leave it out to list all"
    raise UsageError(f"there is nothing called {name!r}; {remedy}")


def _in_words(path: Path, vocabulary: Vocabulary, given: argparse.Namespace) -> str:
    language, for_candidates = given.language, given.for_candidates
    try:
        if path.name == FILE_NAME:
            exam = read_exam(path)
            return exam_text(exam, language, for_candidates=for_candidates)
        beside = path.with_name(FILE_NAME)
        defaults = read_exam(beside).defaults if beside.is_file() else NO_DEFAULTS
        rubric = read_rubric(path, vocabulary=vocabulary, defaults=defaults)
    except Invalid as invalid:
        raise RubricError(str(invalid)) from None
    return rubric_text(rubric, language, for_candidates=for_candidates)
