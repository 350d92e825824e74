"""Write the catalogues of translations: what there is to say, and in which words.

Run it after a text for candidates was added or changed; a test fails while it would
change anything. It keeps the translations of texts that are still said. Fill in what is
empty in ``locale/*/LC_MESSAGES/pytest_tfgrade.po``, and run it again.
"""

import ast
from collections.abc import Iterator, Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Final, TypeAlias

from babel.messages import Catalog
from babel.messages import Message as BabelMessage
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

import pytest_tfgrade
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.verdict import TaskResult, Verdict
from pytest_tfgrade.languages import LANGUAGES
from pytest_tfgrade.languages.entry import sentences
from pytest_tfgrade.languages.reading import (
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

_CALLED: Final = ("_", "ngettext")
_EXTENSIONS: Final = {"extensions": "jinja2.ext.loopcontrols", "silent": "false"}

Message: TypeAlias = str | tuple[str, str]
"""A text, or its singular and plural."""

Said: TypeAlias = tuple[str, Message, str | None]
"""Where a text stands, the text, and its context in the catalogue."""


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
    for place, message, context in _all():
        texts.add(message, locations=[(place, 0)], context=context)
    return texts


def catalogue(language: str) -> Texts:
    """Return all texts with the translations that are there."""
    texts, known = template(language), written(language)
    for message in texts:
        old = known.get(_key(message), message.context) if message.id else None
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
        yield folder / "pytest_tfgrade.po", _as_po(texts)
        yield folder / "pytest_tfgrade.mo", _as_mo(texts)


def _folder(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES"


def _key(message: BabelMessage) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _as_po(texts: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, texts, width=0, include_lineno=False)
    return file.getvalue()


def _as_mo(texts: Catalog) -> bytes:
    file = BytesIO()
    write_mo(file, texts)
    return file.getvalue()


def _all() -> Iterator[Said]:
    for result in (*Verdict, *TaskResult):
        yield "pytest_tfgrade/core/verdict.py", result.value, None
    yield from _of_pages()
    for code in Code:
        yield "pytest_tfgrade/core/codes.py", code.text, CONTEXT
        yield "pytest_tfgrade/core/codes.py", code.hint, CONTEXT
    for check in sorted(BUILT_IN.checks.values(), key=lambda check: check.name):
        place = check.function.__module__.replace(".", "/")
        yield f"{place}.py", check.title, TITLE
    yield "pytest_tfgrade/rubric/criteria.py", GROUP_TITLE, TITLE
    for module, sentence in sentences():
        yield module, sentence, CONTEXT
    for separator in SEPARATORS:
        yield "pytest_tfgrade/languages/reading.py", separator, BETWEEN_PARTS
    for separator in CHOICES:
        yield "pytest_tfgrade/languages/reading.py", separator, BETWEEN_CHOICES


def _of_pages() -> Iterator[Said]:
    """Yield the words of reports: what ``_("...")`` and the like are given."""
    for path in sorted((PACKAGE / "reports").rglob("*")):
        place = str(path.relative_to(PACKAGE.parent))
        if path.suffix == ".html":
            with path.open("rb") as file:
                for _, _, found, _ in babel_extract(file, _CALLED, (), _EXTENSIONS):
                    yield place, _message(found), None
        elif path.suffix == ".py":
            for message in _of_module(path):
                yield place, message, None


def _message(found: str | Sequence[str | None] | None) -> Message:
    """Return a text of a template, or singular and plural, without what is put in."""
    if isinstance(found, str):
        return found
    texts = [text for text in found or () if text is not None]
    return (texts[0], texts[1]) if texts[1:] else texts[0]


def _of_module(path: Path) -> Iterator[Message]:
    """Yield the words of a module, those in f-strings and constants, too."""
    names = path.relative_to(PACKAGE.parent).with_suffix("").parts
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        said = [_text(each, ".".join(names)) for each in node.args]
        if called in {"_", "gettext"} and said[0] is not None:
            yield said[0]
        elif called == "ngettext" and said[0] is not None and said[1] is not None:
            yield said[0], said[1]


def _text(node: ast.expr, module: str) -> str | None:
    """Return the text that an expression is; None if it is no constant."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name.strip("_").isupper():
            return str(getattr(import_module(module), name))
        case _:
            return None


if __name__ == "__main__":
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
