"""``submission_metadata.yml``, which Gradescope writes beside what it lets download.

It was written by Ruby: keys are symbols, ``:submitters``, and values may bear tags.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import yaml

from pytest_tfgrade.core.errors import SubmissionsError, Ungradable
from pytest_tfgrade.core.submission import Clock, Person, Stamp
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.intake.places import Entry, Place
from pytest_tfgrade.engine.intake.said import Said, Says

METADATA: Final = "submission_metadata.yml"

_MOST_BYTES: Final = 512 << 20
"""It holds what graders of every submission said."""

_FOLDER: Final = re.compile(r"submission_(?P<id>\d+)(?P<zip>\.zip)?")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_LOADER):  # type: ignore[misc]  # chosen above
    """Reads plain values alone, those with a tag of Ruby's as if they had none."""


def _plain(loader: Any, _: str, node: yaml.Node) -> object:  # noqa: ANN401 - of PyYAML
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!ruby/", _plain)


def reader(place: Place, clock: Clock) -> Says:
    """Return what reads the names of a download of Gradescope's.

    Args:
        place: The folder that holds it, with or without its metadata.
        clock: How far the times in it are to be trusted.

    Raises:
        SubmissionsError: The metadata cannot be read.
    """
    known = _metadata(place) if place.holds(METADATA) else {}

    def says(entry: Entry) -> Said | None:
        found = _FOLDER.fullmatch(entry.name)
        if not found:
            return None
        about = known.get(f"submission_{found['id']}")
        return _said(found["id"], about if isinstance(about, Mapping) else {}, clock)

    return says


def _metadata(place: Place) -> Mapping[str, object]:
    try:
        text = place.read(METADATA, _MOST_BYTES)
        loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        said = printable(getattr(error, "problem", None) or "damaged")
        raise _unreadable(f"{METADATA}{line}: is not YAML: {said}") from None
    except (ValueError, RecursionError, Ungradable) as error:
        text_ = printable(str(error), limit=200)
        raise _unreadable(f"{METADATA}: cannot be read: {text_}") from None
    if not isinstance(loaded, Mapping):
        raise _unreadable(f"{METADATA}: holds no submissions")
    return {str(key).removeprefix(":"): value for key, value in loaded.items()}


def _unreadable(what: str) -> SubmissionsError:
    return SubmissionsError(f"{what}; export the submissions again, or remove the file")


def _said(number: str, about: Mapping[object, object], clock: Clock) -> Said:
    submitters = _of(about, "submitters")
    people = tuple(
        Person(
            id=_text(_of(one, "sid")),
            name=_text(_of(one, "name")),
            email=_text(_of(one, "email")),
        )
        for one in (submitters if isinstance(submitters, list) else ())
        if isinstance(one, Mapping)
    )
    names = [person.email or person.name or person.id for person in people]
    return Said(
        candidate="+".join(filter(None, names)) or f"submission_{number}",
        people=people,
        number="",
        stamp=_stamp(_of(about, "created_at"), clock),
    )


def _of(about: Mapping[Any, object], key: str) -> object:
    """Return a value by its key, which Ruby writes with a colon."""
    return about.get(f":{key}", about.get(key))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _stamp(value: object, clock: Clock) -> Stamp | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    at = value if value.tzinfo else value.replace(tzinfo=UTC)
    return Stamp(at, clock)
