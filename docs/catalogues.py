"""Write the catalogues of translations: what there is to say, and in which words.

Run it after a text for candidates was added or changed; a test fails while it would change
anything. It keeps the translations of texts that are still said. Fill in what is empty in
``locale/*/LC_MESSAGES/pytest_tfgrade.po``, and run it again.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import pytest_tfgrade
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.languages import LANGUAGES
from pytest_tfgrade.languages.entry import sentences
from pytest_tfgrade.languages.sentences import (
    BETWEEN_CHOICES,
    BETWEEN_PARTS,
    CHOICES,
    CONTEXT,
    SEPARATORS,
)
from pytest_tfgrade.reports.in_language import GROUP_TITLE, TITLE
from pytest_tfgrade.rubric import BUILT_IN

PACKAGE: Final = Path(pytest_tfgrade.__file__).parent
LOCALE: Final = PACKAGE / "languages" / "locale"
TEMPLATE: Final = LOCALE / "pytest_tfgrade.pot"

_TEXT_OF: Final = "pytest_tfgrade/core/codes.py"
_CODES: Final = "pytest_tfgrade/core/verdict.py"
_HOW: Final = {".py": "python", ".html": "jinja2.ext.babel_extract"}
_OPTIONS: Final = {"extensions": "jinja2.ext.loopcontrols", "silent": "false"}


class Texts(Catalog):
    """What there is to say, without dates: the same texts give the same bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """What programs for translators must know."""
        headers = [
            ("Project-Id-Version", "pytest-tfgrade"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]
        if self.locale is not None:
            headers.insert(1, ("Language", str(self.locale)))
            headers.append(("Plural-Forms", self.plural_forms))
        return headers

    @mime_headers.setter
    def mime_headers(self, headers: object) -> None:
        pass  # they follow from the language


def template(language: str | None = None) -> Texts:
    """Return all texts, in the order of their modules, none translated."""
    header = "# Written by docs/catalogues.py."
    texts = Texts(locale=language, header_comment=header, fuzzy=False)
    for place, message, comments, context in _all():
        texts.add(
            message,
            locations=[(place, 0)],
            auto_comments=comments,
            context=context,
        )
    return texts


def catalogue(language: str) -> Texts:
    """Return all texts with the translations that are there."""
    texts, known = template(language), written(language)
    for message in texts:
        old = known.get(_key(message.id), message.context) if message.id else None
        if old is not None and type(old.id) is type(message.id):
            message.string = old.string
    return texts


def written(language: str) -> Catalog:
    """Return the catalogue of a language as it lies in its file."""
    path = _folder(language) / "pytest_tfgrade.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def files() -> Iterator[tuple[Path, bytes]]:
    """Yield each file and what it should hold."""
    yield TEMPLATE, _as_po(template())
    for language in LANGUAGES[1:]:
        texts, folder = catalogue(language), _folder(language)
        compiled = BytesIO()
        write_mo(compiled, texts)
        yield folder / "pytest_tfgrade.po", _as_po(texts)
        yield folder / "pytest_tfgrade.mo", compiled.getvalue()


def _folder(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES"


def _key(id_: Any) -> str:  # noqa: ANN401 - one text, or singular and plural
    return id_ if isinstance(id_, str) else id_[0]


def _as_po(texts: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, texts, width=None, include_lineno=False)
    return file.getvalue()


def _all() -> Iterator[tuple[str, Any, list[str], str | None]]:
    """Yield where a text stands, the text, comments and its context."""
    for result in (*Verdict, *TaskResult):
        yield _CODES, result.value, [], None
    yield from _of_pages()
    for code in Code:
        yield _TEXT_OF, code.text, [code.value], CONTEXT
        yield _TEXT_OF, code.hint, [code.value], CONTEXT
    for check in sorted(BUILT_IN.checks.values(), key=lambda check: check.name):
        place = check.function.__module__.replace(".", "/") + ".py"
        yield place, check.title, [check.name], TITLE
    yield "pytest_tfgrade/rubric/criteria.py", GROUP_TITLE, [], TITLE
    for module, sentence in sentences():
        yield module, sentence, [], CONTEXT
    for separator in SEPARATORS:
        yield "pytest_tfgrade/languages/sentences.py", separator, [], BETWEEN_PARTS
    for separator in CHOICES:
        yield "pytest_tfgrade/languages/sentences.py", separator, [], BETWEEN_CHOICES


def _of_pages() -> Iterator[tuple[str, Any, list[str], str | None]]:
    """Yield the words of pages: what ``_("...")`` and the like are given."""
    for path in sorted((PACKAGE / "reports").rglob("*")):
        if path.suffix not in _HOW:
            continue
        place = str(path.relative_to(PACKAGE.parent))
        with path.open("rb") as file:
            found = extract(
                _HOW[path.suffix], file, DEFAULT_KEYWORDS, ("TRANSLATORS:",), _OPTIONS
            )
            for _, message, comments, context in found:
                yield place, message, list(comments), context


if __name__ == "__main__":
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
