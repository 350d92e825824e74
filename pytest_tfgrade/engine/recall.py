"""Grades of earlier runs: the journal from which a run that was cut short goes on."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from pytest_tfgrade.cache import Store
from pytest_tfgrade.core.grade import Origin, TaskGrade
from pytest_tfgrade.core.isolation import Mode, Profile
from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.core.verdict import Verdict
from pytest_tfgrade.engine.digests import digest_of, digest_of_grader
from pytest_tfgrade.engine.kept_answers import OF_THE_MOMENT
from pytest_tfgrade.rubric import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A grade, and how it was made."""

    grade: TaskGrade
    """As the run that made it said."""

    runtimes: Mapping[str, Mapping[str, str]]
    """Versions of the libraries that ran models."""

    sandbox: Profile
    """How they were isolated."""


_RECALLED: Final = TypeAdapter(Recalled)


class Recall:
    """Keeps the grade of each task as soon as it is there, by all that decides it."""

    def __init__(self, store: Store | None, mode: Mode) -> None:
        """Recall nothing yet.

        Args:
            store: Where grades are kept; None keeps none.
            mode: How models are to be isolated.
        """
        self._store = store
        self._mode = mode

    @property
    def keeps(self) -> bool:
        """Whether grades are kept at all."""
        return self._store is not None

    def key_of_task(
        self, rubric: Rubric, origin: Origin, runtimes: Sequence[KnownRuntime]
    ) -> str:
        """Return what all keys of a task have in common: all but the artifact."""
        return digest_of(
            "grade",
            digest_of_grader(),
            self._mode,
            (rubric.task, origin),
            [(r.name, r.library, r.missing is None, r.libraries) for r in runtimes],
        )

    @staticmethod
    def key(task: str, identity: tuple[object, ...]) -> str:
        """Return the key of an artifact's grade: the same, if nothing has changed."""
        return digest_of(task, identity)

    def get(self, key: str) -> Recalled | None:
        """Return the grade that is kept under a key; None if there is none."""
        kept = self._store.get(key) if self._store else None
        if kept is None:
            return None
        try:
            return _RECALLED.validate_json(zlib.decompress(kept))
        except (zlib.error, ValidationError):
            return None

    def keep(self, key: str, recalled: Recalled) -> None:
        """Keep a grade, unless another run might find another one."""
        if self._store is not None and not _is_of_the_moment(recalled.grade):
            plain = _as_json(recalled)
            if plain is not None:
                self._store.put(key, zlib.compress(plain, level=1))


def _as_json(recalled: Recalled) -> bytes | None:
    """Return a grade as JSON; None of one that would come back as another.

    A course's own check may give a value that is infinite, or half a character.
    """
    try:
        plain = _RECALLED.dump_json(recalled)
        return plain if _RECALLED.validate_json(plain) == recalled else None
    except ValueError:
        return None


def _is_of_the_moment(grade: TaskGrade) -> bool:
    """Return whether the machine may have had a part in a grade."""
    return any(
        result.verdict is Verdict.ERROR or result.code in OF_THE_MOMENT
        for result in grade.criteria
    )
