"""Which rows of a platform's file are whose, by what is known of both."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.core.grade import Grade
from pytest_tfgrade.core.submission import Person

_SURE: Final = ("number", "id", "login", "email")
"""What tells people apart; the platform's own number first."""

_BEFORE_AT: Final = "start of the address"

_SIGNS: Final = {
    "number": "number",
    "id": "id",
    "login": "login",
    "email": "address",
    "name": "name",
}
"""What the signs are called where somebody is told why they do not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Somebody whose points went nowhere."""

    grade: Grade
    """What was handed in."""

    name: str
    """Who it is, as far as known; may be empty."""

    why: str
    """For the grader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Whose rows are whose."""

    rows: Mapping[int, Grade]
    """The submission of each row that has one, by place of the row."""

    misses: tuple[Miss, ...]
    """Who has no row, in the order of submissions."""


class _Contradiction(Exception):  # noqa: N818 - a finding; told in the list
    """What is known of somebody fits no row, or several."""


def match(grades: Iterable[Grade], rows: Mapping[int, Person]) -> Matching:
    """Find the row of everybody; what could be two people's is nobody's.

    What tells people apart decides, and has to agree; a name only if the row and the
    claim have nothing else that speaks against it. The id of a submission counts as any
    of these if nothing else is known of who handed it in. Case does not count, nor does
    the order of a name's words.

    Args:
        grades: What was handed in; several people may be behind one.
        rows: Who each row is of, as the platform says.
    """
    index = _Index(rows)
    claims: dict[int, dict[str, tuple[Grade, str]]] = defaultdict(dict)
    misses = []
    for grade in grades:
        for person in grade.taken_in.people or (Person(),):
            try:
                row = index.row(person, grade.id)
            except _Contradiction as found:
                misses.append(Miss(grade=grade, name=person.name, why=str(found)))
            else:
                claims[row][grade.id] = (grade, person.name)
    taken = {}
    for row, claimants in claims.items():
        if len(claimants) == 1:
            ((taken[row], _),) = claimants.values()
            continue
        why = "another submission has the same row"
        misses += [Miss(grade=g, name=name, why=why) for g, name in claimants.values()]
    misses.sort(key=lambda miss: miss.grade.id)
    return Matching(rows=taken, misses=tuple(misses))


class _Index:
    """Rows by what tells people apart."""

    def __init__(self, rows: Mapping[int, Person]) -> None:
        self._rows = rows
        self._by: dict[tuple[str, str], set[int]] = defaultdict(set)
        for row, person in rows.items():
            for sign, key in _keys(person):
                self._by[sign, key].add(row)

    def row(self, person: Person, id_: str) -> int:
        """Return the row of somebody.

        Raises:
            _Contradiction: There is none, or there may be two.
        """
        sure = self._found(person, _SURE)
        if sure:
            row = self._one(sure)
            if {*sure} == {"number"}:
                self._require_one_name(person, row)
            return row
        named = self._found(person, ("name",))
        if named:
            row = self._one(named)
            self._require_no_other(person, row)
            return row
        if any(getattr(person, sign) for sign in (*_SURE, "github")):
            signs = "number, id, login or address"
            raise _Contradiction(f"nobody of the file has the same {signs}")
        return self._one(self._of_word(id_))

    def _found(self, person: Person, signs: Sequence[str]) -> dict[str, set[int]]:
        """Return the rows that fit, by what fits."""
        found: dict[str, set[int]] = defaultdict(set)
        for sign, key in _keys(person):
            if sign in signs:
                found[sign] |= self._by.get((sign, key), set())
        return {sign: rows for sign, rows in found.items() if rows}

    def _of_word(self, word: str) -> dict[str, set[int]]:
        anybody = Person(id=word, name=word, email=word, login=word, number=word)
        short = () if "@" in word else (_BEFORE_AT,)
        return self._found(anybody, (*_SURE, "name", *short))

    def _one(self, found: Mapping[str, set[int]]) -> int:
        rows = set().union(*found.values())
        if len(rows) == 1:
            return rows.pop()
        if not rows:
            raise _Contradiction("nobody of the file fits")
        signs = " and ".join(_SIGNS.get(sign, sign) for sign in found)
        verb = "fits" if len(found) == 1 else "fit"
        raise _Contradiction(f"the {signs} {verb} {len(rows)} rows")

    def _require_one_name(self, person: Person, row: int) -> None:
        """Refuse a number that is another platform's, and so another person's."""
        other = self._rows[row].name
        if person.name and other and not _may_be_one(person.name, other):
            raise _Contradiction("the row with this number has another name")

    def _require_no_other(self, person: Person, row: int) -> None:
        """Refuse a namesake."""
        for sign in _SURE:
            said = _plain(getattr(person, sign))
            listed = _plain(getattr(self._rows[row], sign))
            if sign == "login" and ("@" in said) != ("@" in listed):
                continue  # one is an address, and may be of the other
            if said and listed and said != listed:
                text = f"the row with this name has another {_SIGNS[sign]}"
                raise _Contradiction(text)


def _keys(person: Person) -> Iterator[tuple[str, str]]:
    """Yield what somebody is found by."""
    for sign in _SURE:
        key = _plain(getattr(person, sign))
        if key:
            yield sign, key
    address = _plain(person.email)
    if address:
        yield "login", address  # many a login is an address
        yield _BEFORE_AT, address.partition("@")[0]
    for key in _names(person.name):
        yield "name", key


def _names(name: str) -> Iterator[str]:
    """Yield a name without signs, begun at each of its words.

    >>> [*_names("Lovelace, Ada")], [*_names("lovelaceada")]
    (['lovelaceada', 'adalovelace'], ['lovelaceada'])
    """
    words = _words(name)
    for begin in range(len(words)):
        yield "".join([*words[begin:], *words[:begin]])


def _words(name: str) -> list[str]:
    parts = _plain(name).replace(",", " ").split()
    bare = ("".join(sign for sign in part if sign.isalnum()) for part in parts)
    return [word for word in bare if word]


def _may_be_one(one: str, other: str) -> bool:
    """Return whether two names have a word in common, or are one in another order."""
    return bool({*_words(one)} & {*_words(other)} or {*_names(one)} & {*_names(other)})


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
