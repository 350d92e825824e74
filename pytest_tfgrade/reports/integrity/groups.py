"""From pairs to groups of what is connected."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TypeVar

Member = TypeVar("Member", bound=Hashable)


def connected(pairs: Iterable[tuple[Member, Member]]) -> list[list[Member]]:
    """Return the groups that pairs connect, in the order in which they first appear.

    >>> connected([("a", "b"), ("c", "d"), ("e", "b")])
    [['a', 'b', 'e'], ['c', 'd']]
    """
    parent: dict[Member, Member] = {}

    def root(member: Member) -> Member:
        parent.setdefault(member, member)
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for a, b in pairs:
        first, second = root(a), root(b)
        parent[second] = first
    groups: dict[Member, list[Member]] = defaultdict(list)
    for member in list(parent):
        groups[root(member)].append(member)
    return list(groups.values())
