"""Reading YAML so that every value remembers its place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pytest_tfgrade.documents.problems import Invalid, Location, Problem
from pytest_tfgrade.documents.slips import Entry, slip
from pytest_tfgrade.documents.syntax import character_problem, location, syntax_problem
from pytest_tfgrade.documents.wording import shown

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

    def at(self, keys: KeyPath) -> Any:  # noqa: ANN401 - any YAML
        """Return the value that keys and indexes lead to."""
        value = self.value
        for key in keys:
            value = value[key]
        return value

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
        raise Invalid([syntax_problem(path, error)]) from None
    except yaml.reader.ReaderError as error:
        raise Invalid([character_problem(path, text, error.position)]) from None


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
        self.values[keys] = place = location(self.path, node.start_mark)
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
        for key_node, value_node in self._without_slips(node):
            place = location(self.path, key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(place, "a key must be a single word"))
                continue
            if key_node.tag == "tag:yaml.org,2002:merge":
                what = "'<<' is not supported; write the keys out"
                self.problems.append(Problem(place, what))
                continue
            key = self._scalar(key_node)
            if key in seen:
                what = f"the key {shown(key)} stands here a second time; remove one"
                self.problems.append(Problem(place, what))
            seen.add(key)
            self.keys[(*keys, key)] = place
            yield key, self.plain(value_node, (*keys, key))

    def _without_slips(self, node: yaml.MappingNode) -> Iterator[Entry]:
        """Yield the entries of a mapping that are meant as such; note the others."""
        entries, index = node.value, 0
        while index < len(entries):
            found = slip(entries[index:]) if node.flow_style else None
            if found is None:
                yield entries[index]
                index += 1
                continue
            place = location(self.path, found.mark)
            self.problems.append(Problem(place, found.text))
            index += found.extent

    def _scalar(self, node: yaml.Node) -> Any:  # noqa: ANN401 - any YAML
        try:
            return self._scalars.construct_object(node)
        except (yaml.MarkedYAMLError, ValueError) as error:
            place = location(self.path, node.start_mark)
            what = f"cannot be read as a value: {error}"
            if isinstance(error, yaml.MarkedYAMLError):  # no constructor for the tag
                what = "'!' begins a tag; put a text that begins with '!' in quotes"
            self.problems.append(Problem(place, what))
            return None
