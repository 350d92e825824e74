"""Who of the roster handed something in."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.engine.intake.roster import Listed, Roster
from pytest_tfgrade.engine.intake.said import Said


class Ambiguous(Exception):  # noqa: N818 - a finding; who asked collects them
    """Several people of the roster fit."""

    def __init__(self, found: Sequence[Listed]) -> None:
        """Keep them."""
        self.found = tuple(found)
        super().__init__()


class Join:
    """Finds people of a roster by what is known of who handed in.

    The surest decides: the platform's number, then id, login, account, address, name,
    the address before its ``@``. Case does not count; in names, order and signs do not.
    """

    def __init__(self, roster: Roster | None) -> None:
        """Look people up in a roster; without one nobody is found."""
        self._is_empty = roster is None
        self._levels = [_by(level, roster.people if roster else ()) for level in _SURE]

    def people(self, said: Said) -> tuple[Listed, ...]:
        """Return who of the roster is meant; several for a group.

        Raises:
            Ambiguous: One could be several.
        """
        if self._is_empty:
            return ()
        claims = said.people or (Person(),)
        word = said.candidate if len(claims) == 1 else ""
        found = (self._one(claim, word) for claim in claims)
        return tuple(dict.fromkeys(listed for listed in found if listed))

    def _one(self, claim: Person, word: str) -> Listed | None:
        """Return who of the roster is meant.

        A word may be anything only if the roster could not know it for what the
        platform says it is: candidates choose names of accounts, and the name of one
        could be the id of another.
        """
        pairs = [*zip(self._levels, _SURE, strict=True)]
        if any(known and [*level(claim)] for known, level in pairs):
            word = ""
        for known, level in pairs:
            keys = [*level(claim)]
            if word:
                keys += level(_anything(word))
            for key in keys:
                fitting = [x for x in known.get(key, ()) if _may_be(claim, x.person)]
                if len(fitting) > 1:
                    raise Ambiguous(fitting)
                if fitting:
                    return fitting[0]
        return None


def _by(
    level: "Callable[[Person], Iterator[str]]", people: Iterable[Listed]
) -> Mapping[str, list[Listed]]:
    found: dict[str, list[Listed]] = {}
    for listed in people:
        for key in dict.fromkeys(level(listed.person)):
            found.setdefault(key, []).append(listed)
    return found


def _anything(word: str) -> Person:
    """Return somebody of whom one word is known, and not what it is."""
    return Person(id=word, name=word, email=word, login=word, github=word, number=word)


def _may_be(claim: Person, listed: Person) -> bool:
    """Return whether the platform does not say that they are two."""
    return not (claim.number and listed.number) or claim.number == listed.number


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _number(person: Person) -> Iterator[str]:
    yield from filter(None, [_plain(person.number)])


def _id(person: Person) -> Iterator[str]:
    yield from filter(None, [_plain(person.id)])


def _login(person: Person) -> Iterator[str]:
    yield from filter(None, [_plain(person.login)])


def _github(person: Person) -> Iterator[str]:
    yield from filter(None, [_plain(person.github)])


def _email(person: Person) -> Iterator[str]:
    yield from filter(None, [_plain(person.email)])


def _before_at(person: Person) -> Iterator[str]:
    yield from filter(None, [_plain(person.email).partition("@")[0]])


def _name(person: Person) -> Iterator[str]:
    """Yield a name without signs, begun at each of its words.

    So ``Ada King Lovelace`` is ``Lovelace, Ada King``, and Canvas' ``lovelaceadaking``.
    """
    words = _plain(person.name).replace(",", " ").split()
    for begin in range(len(words)):
        turned = "".join([*words[begin:], *words[:begin]])
        key = "".join(sign for sign in turned if sign.isalnum())
        if key:
            yield key


_SURE: Final = (_number, _id, _login, _github, _email, _name, _before_at)
