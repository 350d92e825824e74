"""Grading a submission, and many: what a run does, whoever asked for it."""

from pytest_tfgrade.engine.course import Course, read_course
from pytest_tfgrade.engine.discovery import discover
from pytest_tfgrade.engine.run import GradingRun, Job

__all__ = ["Course", "GradingRun", "Job", "discover", "read_course"]
