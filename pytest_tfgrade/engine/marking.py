"""Grading one job: as an earlier run graded it, if nothing has changed since."""

import threading
from collections.abc import Callable, Mapping

from pytest_tfgrade.core.errors import DatasetError, RunnerError
from pytest_tfgrade.core.grade import Origin, TaskGrade
from pytest_tfgrade.core.isolation import Profile
from pytest_tfgrade.engine.evidence import Evidence
from pytest_tfgrade.engine.grading import grade_task
from pytest_tfgrade.engine.origins import Origins
from pytest_tfgrade.engine.recall import Recall, Recalled
from pytest_tfgrade.engine.services import Services
from pytest_tfgrade.rubric import Rubric


class Marking:
    """Grades what is not known yet, and knows how all of it was graded."""

    def __init__(self, services: Services, recall: Recall, origins: Origins) -> None:
        """Grade nothing yet."""
        self._services = services
        self._recall = recall
        self._origins = origins
        self._lock = threading.Lock()
        self._runtimes: dict[str, Mapping[str, str]] = {}
        self._profiles: set[Profile] = set()
        self._keys: dict[str, str] = {}

    @property
    def runtimes(self) -> Mapping[str, Mapping[str, str]]:
        """Versions of the libraries that ran models, in this run or an earlier one."""
        with self._lock:
            return {**self._runtimes, **self._services.runner.versions}

    @property
    def sandbox(self) -> Profile:
        """How models were isolated, the least of all."""
        with self._lock:
            profiles = set(self._profiles)
        if not profiles:
            return self._services.runner.isolation().profile
        return next(profile for profile in reversed(Profile) if profile in profiles)

    def origin(self, rubric: Rubric) -> Origin:
        """Return what a task is graded by.

        Raises:
            DatasetError: Its hidden data are not what they should be.
        """
        return self._origins.of(rubric)

    def recalled(self, rubric: Rubric, evidence: Evidence) -> TaskGrade | None:
        """Return the grade that an earlier run gave; None if there is none."""
        key = self._key(rubric, evidence)
        known = self._recall.get(key) if key else None
        if known is None:
            return None
        with self._lock:
            self._runtimes.update(known.runtimes)
            self._profiles.add(known.sandbox)
        return known.grade

    def graded(
        self, rubric: Rubric, evidence: Evidence, *, before: Callable[[], None]
    ) -> TaskGrade:
        """Grade, and keep the grade for later runs.

        Args:
            rubric: Of the task.
            evidence: What is known of the artifact; closed.
            before: Called before anything is run.
        """
        if evidence.is_there:
            before()
        key = self._key(rubric, evidence)
        grade = grade_task(rubric, evidence)
        if evidence.is_there:
            profile = self._services.runner.isolation().profile
            with self._lock:
                self._profiles.add(profile)
            if key and not evidence.was_unsure:
                versions = self._services.runner.versions
                self._recall.keep(
                    key, Recalled(grade=grade, runtimes=versions, sandbox=profile)
                )
        return grade

    def _key(self, rubric: Rubric, evidence: Evidence) -> str | None:
        """Return what a grade is kept by; None if there is nothing to keep it by."""
        identity = evidence.identity if self._recall.keeps else None
        task = self._key_of_task(rubric) if identity else None
        return self._recall.key(task, identity) if task and identity else None

    def _key_of_task(self, rubric: Rubric) -> str | None:
        if rubric.task not in self._keys:
            try:
                runtimes, origin = self._services.runner.runtimes, self.origin(rubric)
                key = self._recall.key_of_task(rubric, origin, runtimes)
            except (RunnerError, DatasetError, OSError):
                return None  # said where it is needed
            except TypeError:  # a value of a plug-in's says nothing of what it holds
                return None
            self._keys[rubric.task] = key
        return self._keys[rubric.task]
