"""Who is alike in a class, in files, weights, predictions: hints, no proof."""

from pytest_tfgrade.reports.integrity.report import IntegrityReport

__all__ = ["IntegrityReport"]
