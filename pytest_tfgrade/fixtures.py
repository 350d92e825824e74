"""Fixtures for tests of a grader's own: one submission at a time, for one task.

A test that uses any of them runs once for each submission. The marker
``tfgrade_task`` says which task it is about; it may be left out if there is only one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:  # an idle plugin loads nothing of ours
    from collections.abc import Iterator, Mapping
    from typing import Any

    from numpy.typing import NDArray

    from pytest_tfgrade.core.facts import Facts
    from pytest_tfgrade.core.submission import Submission
    from pytest_tfgrade.datasets import EvaluationDataset
    from pytest_tfgrade.engine.evidence import Evidence
    from pytest_tfgrade.rubric import Rubric
    from pytest_tfgrade.session import GradingSession

MARKER: Final = "tfgrade_task"
SESSION_NAME: Final = "tfgrade-session"
"""Under which the working object is registered while a run grades."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that uses these fixtures once for each submission."""
    session = _session(metafunc.config)
    if session is not None and "tfgrade_submission" in metafunc.fixturenames:
        metafunc.parametrize(
            "tfgrade_submission",
            session.submissions,
            ids=[submission.id for submission in session.submissions],
            indirect=True,
        )


@pytest.fixture
def tfgrade_submission(request: pytest.FixtureRequest) -> Submission:
    """One submission: its id, and what it holds for each task."""
    if _session(request.config) is None:
        pytest.skip("no submissions were given; add --tfgrade PATH")
    submission: Submission = request.param
    return submission


@pytest.fixture
def tfgrade_facts(tfgrade_evidence: Evidence) -> Facts:
    """What the artifact says, read without running it; skips if it is ungradable."""
    from pytest_tfgrade.core.errors import Ungradable

    try:
        return tfgrade_evidence.facts
    except Ungradable as finding:
        pytest.skip(str(finding))


@pytest.fixture
def tfgrade_dataset(request: pytest.FixtureRequest) -> EvaluationDataset:
    """Hidden inputs and targets of the task; override it to grade on others."""
    rubric = _rubric(request)
    if rubric.dataset is None:
        pytest.fail(f"the task {rubric.task!r} has no dataset", pytrace=False)
    return _running(request).run.shelf.dataset(rubric.dataset)


@pytest.fixture
def tfgrade_predictions(
    request: pytest.FixtureRequest,
    tfgrade_evidence: Evidence,
    tfgrade_dataset: EvaluationDataset,
) -> Mapping[str, NDArray[Any]]:
    """Predictions for the inputs of ``tfgrade_dataset``, by the contract's names.

    The model runs once for each dataset, whoever asks. Skips if it is ungradable.
    """
    from pytest_tfgrade.core.errors import Ungradable

    shelf, name = _running(request).run.shelf, _rubric(request).dataset
    own = name is not None and shelf.dataset(name) is tfgrade_dataset
    try:
        if own:
            return tfgrade_evidence.predictions.arrays
        return tfgrade_evidence.predict_on(tfgrade_dataset).arrays
    except Ungradable as finding:
        pytest.skip(str(finding))


@pytest.fixture
def tfgrade_evidence(
    request: pytest.FixtureRequest, tfgrade_submission: Submission
) -> Iterator[Evidence]:
    """What is known of the submission's artifact; the other fixtures take from it."""
    from pytest_tfgrade.engine import Job

    job = Job(tfgrade_submission.id, _rubric(request).task)
    evidence = _running(request).run.evidence(job)
    yield evidence
    evidence.close()


def _session(config: pytest.Config) -> GradingSession | None:
    session: GradingSession | None = config.pluginmanager.get_plugin(SESSION_NAME)
    return session


def _running(request: pytest.FixtureRequest) -> GradingSession:
    session = _session(request.config)
    if session is None:
        pytest.skip("no submissions were given; add --tfgrade PATH")
    return session


def _rubric(request: pytest.FixtureRequest) -> Rubric:
    rubrics = {r.task: r for r in _running(request).course.rubrics}
    marker = request.node.get_closest_marker(MARKER)
    if marker is None and len(rubrics) == 1:
        return next(iter(rubrics.values()))
    if marker is not None and len(marker.args) != 1:
        pytest.fail(f"{request.node.nodeid}: {MARKER} names one task", pytrace=False)
    task = marker.args[0] if marker else None
    if task not in rubrics:
        known = ", ".join(repr(name) for name in rubrics)
        text = (
            f"{request.node.nodeid}: mark it @pytest.mark.{MARKER}(NAME) with one of "
        )
        pytest.fail(f"{text}{known}; got {task!r}", pytrace=False)
    return rubrics[task]
