"""What plug-ins add to what is built in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pytest_tfgrade.core.submission import Artifact
from pytest_tfgrade.datasets import LOADERS, Loader
from pytest_tfgrade.reports import FORMATS, ReportFormat
from pytest_tfgrade.rubric import BUILT_IN, Vocabulary

FactsReader: TypeAlias = Callable[[Artifact], Mapping[str, Any]]
"""Reads more facts from a staged copy, without running it or opening HDF5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """Everything that can be named or chosen, built in and of plug-ins."""

    vocabulary: Vocabulary = BUILT_IN
    """Checks and metrics."""

    loaders: Mapping[str, Loader] = field(default_factory=lambda: LOADERS)
    """What opens files of datasets, by their ending."""

    facts_readers: Mapping[str, FactsReader] = field(default_factory=dict)
    """What fills ``Facts.extra``, by name."""

    reports: Mapping[str, ReportFormat] = field(default_factory=lambda: FORMATS)
    """What renders grades, by name."""


NO_EXTENSIONS: Final = Extensions()
"""What is built in."""
