"""Grading a submission, and many: what a run does, whoever asked for it.

Names are loaded when they are asked for, so that who takes one small module from here
does not load all the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pytest_tfgrade.engine.course import Course, read_course
    from pytest_tfgrade.engine.discovery import discover
    from pytest_tfgrade.engine.job import Job
    from pytest_tfgrade.engine.run import GradingRun

__all__ = ["Course", "GradingRun", "Job", "discover", "read_course"]

_HOMES: Final = {
    "Course": "course",
    "GradingRun": "run",
    "Job": "job",
    "discover": "discovery",
    "read_course": "course",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has the name
    """Return a name of ``__all__`` from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
