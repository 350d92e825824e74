"""Working with pytest-xdist: settings that all share, and a task on one worker."""

from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from pytest_tfgrade import settings
from pytest_tfgrade.settings import Settings

_SETTINGS: Final = TypeAdapter(Settings)
_KEY: Final = "tfgrade"
_TEARING_APART: Final = ("load", "worksteal")
"""Ways of xdist to distribute items that know nothing of what belongs together."""


class Distribution:
    """What xdist's controller has to know of grading; unused without xdist."""

    def __init__(self, settings: Settings) -> None:
        """Keep what the controller was asked to do."""
        self._settings = settings

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist's own
        """Give a worker the controller's settings: it does not see its command line."""
        node.workerinput[_KEY] = _SETTINGS.dump_python(self._settings, mode="json")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:  # noqa: ANN401
        """Keep the criteria of one task on one worker, so that a model runs once.

        ``loadscope`` and ``loadfile`` do that of their own accord.
        """
        if config.getoption("dist") not in _TEARING_APART:
            return None
        from xdist.scheduler import LoadScopeScheduling

        return LoadScopeScheduling(config, log)


def read_settings(config: pytest.Config) -> Settings | None:
    """Return what a run, or the controller of this worker, is asked to do.

    Raises:
        pytest.UsageError: A value cannot be what it is given for.
    """
    if is_worker(config):
        plain = config.workerinput.get(_KEY)  # type: ignore[attr-defined]
        return _SETTINGS.validate_python(plain) if plain else None
    return settings.read(config)


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process runs tests for another one."""
    return hasattr(config, "workerinput")


def is_controller(config: pytest.Config) -> bool:
    """Return whether other processes run this one's tests."""
    return not is_worker(config) and config.getoption("dist", "no") != "no"
