"""The entry point that pytest loads: offers options, and steps aside if unused."""

import pytest

from pytest_tfgrade import fixtures, hookspecs, options, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options of ``options.OPTIONS``."""
    options.register(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let others take part."""
    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Stop before a file of a submission could be read as pytest's own."""
    from pytest_tfgrade.guard import kept_out, require_apart

    asked = settings.read(early_config)
    kept = kept_out(early_config, asked)
    require_apart(early_config, asked, kept)
    early_config.pluginmanager.register(kept, "tfgrade-kept-out")


def pytest_configure(config: pytest.Config) -> None:
    """Start grading, if submissions were given."""
    config.addinivalue_line(
        "markers",
        f"{fixtures.MARKER}(name): the task that the tfgrade fixtures are about",
    )
    config.pluginmanager.register(fixtures, "tfgrade-fixtures")
    if not hasattr(config, "workerinput") and settings.read(config) is None:
        return  # installed but not asked for: leave the run untouched
    from pytest_tfgrade.distribution import Distribution, read_settings
    from pytest_tfgrade.session import GradingSession

    asked = read_settings(config)
    if asked is None:
        return
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []  # nothing else is collected
        config.args_source = pytest.Config.ArgsSource.ARGS
    config.pluginmanager.register(Distribution(asked), "tfgrade-distribution")
    session = GradingSession(config, asked)
    config.pluginmanager.register(session, fixtures.SESSION_NAME)
