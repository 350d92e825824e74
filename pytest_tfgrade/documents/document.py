"""Reading YAML so that every value remembers its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pytest_tfgrade.documents.problems import Invalid, Location, Problem

KeyPath = tuple[str | int, ...]
"""The keys and indexes that lead to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML file as plain values, and where each of them stands."""

    path: Path
    """The file."""

    value: Any
    """Mappings, lists and scalars."""

    values: Mapping[KeyPath, Location]
    """Where each value starts."""

    keys: Mapping[KeyPath, Location]
    """Where the key of each mapping entry stands."""

    def locate(self, keys: KeyPath, *, at_key: bool = False) -> Location:
        """Return the place of a value or its key; of the nearest parent if absent."""
        places = self.keys if at_key else self.values
        while keys not in places and keys:
            keys, places = keys[:-1], self.values
        return places.get(keys, Location(self.path))


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        Invalid: It cannot be read, is not YAML, or a mapping has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        raise Invalid([Problem(Location(path), why)]) from None
    except UnicodeDecodeError as error:
        why = f"is not UTF-8 text at byte {error.start}; save it as UTF-8"
        raise Invalid([Problem(Location(path), why)]) from None
    root = _compose(path, text)
    if root is None:
        raise Invalid([Problem(Location(path), "is empty; write the keys it needs")])
    reader = _Reader(path)
    value = reader.plain(root, ())
    if reader.problems:
        raise Invalid(reader.problems)
    return Document(path=path, value=value, values=reader.values, keys=reader.keys)


def _compose(path: Path, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Invalid([_syntax_problem(path, error)]) from None
    except yaml.reader.ReaderError as error:
        raise Invalid([_character_problem(path, text, error.position)]) from None


def _syntax_problem(path: Path, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    place = Location(path) if mark is None else _location(path, mark)
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem(place, f"is not YAML: {what}")


def _character_problem(path: Path, text: str, position: int) -> Problem:
    before = text[:position]
    line, column = before.count("\n") + 1, position - before.rfind("\n")
    what = f"holds the character {text[position]!r}; remove it"
    return Problem(Location(path, line, column), what)


def _location(path: Path, mark: yaml.Mark) -> Location:
    return Location(path, mark.line + 1, mark.column + 1)


class _Reader:
    """Turns nodes into plain values and notes where each one stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[KeyPath, Location] = {}
        self.keys: dict[KeyPath, Location] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.SafeLoader("")
        self._around: list[yaml.Node] = []

    def plain(self, node: yaml.Node, keys: KeyPath) -> Any:  # noqa: ANN401 - any YAML
        """Return the value of a node and of all nodes below it."""
        self.values[keys] = place = _location(self.path, node.start_mark)
        if node in self._around:
            self.problems.append(Problem(place, "an alias cannot hold itself"))
            return None
        self._around.append(node)
        value = self._value(node, keys)
        self._around.pop()
        return value

    def _value(self, node: yaml.Node, keys: KeyPath) -> Any:  # noqa: ANN401 - any YAML
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, keys))
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(n, (*keys, i)) for i, n in enumerate(node.value)]
        return self._scalar(node)

    def _entries(
        self, node: yaml.MappingNode, keys: KeyPath
    ) -> Iterator[tuple[Any, Any]]:
        seen: set[Any] = set()
        for key_node, value_node in node.value:
            place = _location(self.path, key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(place, "a key must be a single word"))
                continue
            key = self._scalar(key_node)
            if key in seen:
                what = f"the key {key!r} stands here a second time; remove one"
                self.problems.append(Problem(place, what))
            seen.add(key)
            self.keys[(*keys, key)] = place
            yield key, self.plain(value_node, (*keys, key))

    def _scalar(self, node: yaml.Node) -> Any:  # noqa: ANN401 - any YAML
        try:
            return self._scalars.construct_object(node)
        except (yaml.MarkedYAMLError, ValueError) as error:
            place = _location(self.path, node.start_mark)
            why = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            self.problems.append(Problem(place, f"cannot be read as a value: {why}"))
            return None
