"""Text from outside made fit for a terminal, a log and a node id."""

import unicodedata
from typing import Final

_UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str, *, limit: int = 4096) -> str:
    r"""Replace what could steer a terminal or a reader; one line, at most ``limit``.

    Control, bidirectional, surrogate and unassigned characters become ``\x1b``-like
    escapes, so that two different texts stay different.

    >>> printable("caf\u00e9 \x1b[31m")
    'café \\x1b[31m'
    """
    safe = "".join(_escaped(character) for character in text[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 3] + "..."


def identifier(name: str) -> str:
    r"""Make a file name fit to be part of a node id: printable, without a colon.

    >>> identifier("a::b\n")
    'a%3A%3Ab%0A'
    """
    return "".join(
        "".join(f"%{byte:02X}" for byte in c.encode("utf-8", "surrogateescape"))
        if c in "%:" or unicodedata.category(c) in _UNSAFE_CATEGORIES
        else c
        for c in name
    )


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    return character.encode("unicode_escape").decode("ascii")
