"""Looking for what is alike over a whole gradebook; pure, whatever the order."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pytest_tfgrade.core.fingerprint import AnswerPrint
from pytest_tfgrade.core.grade import Gradebook, TaskGrade
from pytest_tfgrade.reports.integrity.answers import AnswerPair, alike_answers
from pytest_tfgrade.reports.integrity.finding import (
    MOST_PAIRS,
    Evidence,
    Finding,
    Kind,
    Looked,
    Pair,
)
from pytest_tfgrade.reports.integrity.groups import connected
from pytest_tfgrade.reports.integrity.shared import SharedArrays, shared_arrays
from pytest_tfgrade.reports.integrity.sketches import numbers_of
from pytest_tfgrade.reports.integrity.weights import (
    FEWEST_NUMBERS,
    WeightPair,
    similar_weights,
)

AnyPair = TypeVar("AnyPair", WeightPair, AnswerPair)

_DIGITS: Final = 4  # of figures that are told
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was compared, and what was found."""

    looked: tuple[Looked, ...]
    """By task, in the exam's order."""

    findings: tuple[Finding, ...]
    """By task, the most certain kinds first."""


def search(gradebook: Gradebook) -> Search:
    """Compare all submissions with each other, task by task."""
    by_task: dict[str, dict[str, TaskGrade]] = {}
    for grade in gradebook.grades:
        for task in grade.tasks:
            by_task.setdefault(task.id, {})[grade.id] = task
    tasks = [_Task(name, grades) for name, grades in by_task.items()]
    return Search(
        looked=tuple(task.looked for task in tasks),
        findings=tuple(finding for task in tasks for finding in task.findings()),
    )


class _Task:
    """All submissions of one task."""

    def __init__(self, name: str, grades: Mapping[str, TaskGrade]) -> None:
        self._name = name
        self._files = {
            who: task.artifact.sha256 for who, task in grades.items() if task.artifact
        }
        prints = {who: task.portrait.fingerprint for who, task in grades.items()}
        self._weights = {
            who: one.weights for who, one in prints.items() if one and one.weights
        }
        self._small = {
            who
            for who, one in self._weights.items()
            if numbers_of(one) < FEWEST_NUMBERS
        }
        self._answers: dict[tuple[str, str], dict[str, AnswerPrint]] = defaultdict(dict)
        for who, one in prints.items():
            for answer in one.answers if one else ():
                self._answers[answer.dataset, answer.output][who] = answer

    @property
    def looked(self) -> Looked:
        """How many there are of what."""
        answering = {who for answers in self._answers.values() for who in answers}
        return Looked(
            task=self._name,
            files=len(self._files),
            weights=len(self._weights),
            layouts=len({one.layout for one in self._weights.values()}),
            answers=len(answering),
        )

    def findings(self) -> Iterator[Finding]:
        """Yield what is found; who has alike weights is not told again for answers."""
        found = [*self._identical_files(), *self._of_weights()]
        groups = connected(
            (one.who[0], other) for one in found for other in one.who[1:]
        )
        known = {who: at for at, group in enumerate(groups) for who in group}
        found += self._alike_answers(known)
        found += self._of_one()
        yield from sorted(found, key=lambda one: (_ORDER[one.kind], one.who))

    def _identical_files(self) -> Iterator[Finding]:
        for sha256, group in _same(self._files):
            yield Finding(
                kind=Kind.IDENTICAL_FILES,
                task=self._name,
                who=tuple(sorted(group)),
                compared=len(self._files),
                evidence={"sha256": sha256},
            )

    def _of_weights(self) -> Iterator[Finding]:
        """Yield who has the same weights in other files, or nearly the same."""
        holders: dict[str, list[str]] = defaultdict(list)
        for who, one in sorted(self._weights.items()):
            if who not in self._small:
                holders[one.digest].append(who)
        everybody = [group for _, group in sorted(holders.items())]
        compared = sum(map(len, everybody))
        yield from self._identical_weights(everybody, compared)
        prints = [self._weights[group[0]] for group in everybody]
        pairs = similar_weights(prints)
        for is_reordered, kind in (
            (False, Kind.SIMILAR_WEIGHTS),
            (True, Kind.REORDERED_WEIGHTS),
        ):
            near = [pair for pair in pairs if pair.is_reordered is is_reordered]
            yield from self._near(kind, near, everybody, compared)
        near_groups = [set(group) for group in connected((p.a, p.b) for p in pairs)]
        for shared in shared_arrays(prints):
            if not any(group.issuperset(shared.holders) for group in near_groups):
                yield self._shared(shared, everybody, compared)

    def _identical_weights(
        self, everybody: Sequence[Sequence[str]], compared: int
    ) -> Iterator[Finding]:
        """Yield who has the same weights, but in several files."""
        for group in everybody:
            files = {self._files.get(who) for who in group}
            if len(files) > 1:
                known = self._weights[group[0]]
                yield Finding(
                    kind=Kind.IDENTICAL_WEIGHTS,
                    task=self._name,
                    who=tuple(group),
                    compared=compared,
                    evidence={
                        "digest": known.digest,
                        "files": len(files),
                        "is_initial": known.is_initial,
                    },
                )

    def _near(
        self,
        kind: Kind,
        pairs: Sequence[WeightPair],
        everybody: Sequence[Sequence[str]],
        compared: int,
    ) -> Iterator[Finding]:
        for group, inside in _groups(pairs):
            told = [
                Pair(a=everybody[p.a][0], b=everybody[p.b][0], evidence=_distances(p))
                for p in inside[:MOST_PAIRS]
            ]
            who = [name for place in group for name in everybody[place]]
            yield Finding(
                kind=kind,
                task=self._name,
                who=tuple(sorted(who)),
                compared=compared,
                pairs=tuple(told),
                left_out=len(inside) - len(told),
            )

    def _shared(
        self, shared: SharedArrays, everybody: Sequence[Sequence[str]], compared: int
    ) -> Finding:
        who = [name for place in shared.holders for name in everybody[place]]
        evidence: Evidence = {
            "arrays": "; ".join("x".join(map(str, shape)) for shape in shared.shapes),
            "share": round(shared.share, _DIGITS),
            "others": shared.others,
        }
        return Finding(
            kind=Kind.SHARED_WEIGHTS,
            task=self._name,
            who=tuple(sorted(who)),
            compared=compared,
            evidence=evidence,
        )

    def _alike_answers(self, known: Mapping[str, int]) -> Iterator[Finding]:
        """Yield who says the same, as far as the weights do not say why."""
        for (dataset, output), answers in sorted(self._answers.items()):
            telling = {
                who: one
                for who, one in sorted(answers.items())
                if not (one.is_constant or who in self._small)
            }
            who = list(telling)
            pairs = [
                pair
                for pair in alike_answers(list(telling.values()))
                if known.get(who[pair.a], -1) != known.get(who[pair.b], -2)
            ]
            for group, inside in _groups(pairs):
                told = [
                    Pair(a=who[p.a], b=who[p.b], evidence=_likeness(p))
                    for p in inside[:MOST_PAIRS]
                ]
                yield Finding(
                    kind=Kind.ALIKE_ANSWERS,
                    task=self._name,
                    who=tuple(sorted(who[place] for place in group)),
                    compared=len(telling),
                    evidence={"dataset": dataset, "output": output},
                    pairs=tuple(told),
                    left_out=len(inside) - len(told),
                )

    def _of_one(self) -> Iterator[Finding]:
        untrained = [who for who, one in self._weights.items() if one.is_initial]
        if untrained:
            yield Finding(
                kind=Kind.UNTRAINED,
                task=self._name,
                who=tuple(sorted(untrained)),
                compared=len(self._weights),
            )
        for (dataset, output), answers in sorted(self._answers.items()):
            constant = [who for who, one in answers.items() if one.is_constant]
            if constant:
                yield Finding(
                    kind=Kind.CONSTANT,
                    task=self._name,
                    who=tuple(sorted(constant)),
                    compared=len(answers),
                    evidence={"dataset": dataset, "output": output},
                )


def _same(values: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield who has the same, if several have."""
    groups: dict[str, list[str]] = defaultdict(list)
    for who, value in values.items():
        groups[value].append(who)
    for value, group in sorted(groups.items()):
        if len(group) > 1:
            yield value, group


def _groups(pairs: Sequence[AnyPair]) -> Iterator[tuple[list[int], list[AnyPair]]]:
    """Yield the members of each group that pairs connect, and its pairs in order."""
    groups = connected((pair.a, pair.b) for pair in pairs)
    home = {member: at for at, group in enumerate(groups) for member in group}
    inside: dict[int, list[AnyPair]] = defaultdict(list)
    for pair in pairs:
        inside[home[pair.a]].append(pair)
    for at, group in enumerate(groups):
        yield group, inside[at]


def _distances(pair: WeightPair) -> Evidence:
    return {
        "kernels": round(pair.kernels, _DIGITS),
        "vectors": None if pair.vectors is None else round(pair.vectors, _DIGITS),
        "any_order": None if pair.any_order is None else round(pair.any_order, _DIGITS),
        "typical": None if pair.typical is None else round(pair.typical, _DIGITS),
    }


def _likeness(pair: AnswerPair) -> Evidence:
    """Return what was measured of two models; nothing of what was not."""
    if pair.is_identical:
        return {"identical": True}
    if pair.correlation is not None:
        return {"correlation": round(pair.correlation, _DIGITS)}
    return {
        "both_wrong": pair.both_wrong,
        "same_wrong": pair.same_wrong,
        "either_wrong": pair.either_wrong,
        "expected": round(pair.expected or 0.0, 1),
        "probability": float(f"{pair.probability or 0.0:.2g}"),
    }
