"""Reporting a criterion as pytest reports a test, without what only functions need.

pytest sets a test up, calls it and tears it down, each within hooks that capture
output, logs and warnings. A criterion prints nothing and has no fixtures: it was graded
in the background, and all that is left is to say how. To do no more takes a third of
the time, which matters with a class of thousands. Reports are made by pytest's hooks,
and there are all that say something: of the set-up if it failed, of the end always.
"""

from collections.abc import Callable
from typing import Literal

import pytest

from pytest_tfgrade.collection import CriterionItem


def report_criterion(item: CriterionItem) -> None:
    """Send the reports of a criterion to whoever listens."""
    hook, location = item.config.hook, item.location
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=location)
    set_up = _called("setup", item.setup)
    if set_up.excinfo:
        _report(item, set_up)
    else:
        _report(item, _called("call", item.runtest))
    _report(item, _called("teardown", _nothing))
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=location)


def _called(
    when: Literal["setup", "call", "teardown"], function: Callable[[], None]
) -> pytest.CallInfo[None]:
    reraise = (pytest.exit.Exception, KeyboardInterrupt)
    return pytest.CallInfo.from_call(function, when=when, reraise=reraise)


def _report(item: CriterionItem, call: pytest.CallInfo[None]) -> None:
    hook = item.config.hook
    report = hook.pytest_runtest_makereport(item=item, call=call)
    hook.pytest_runtest_logreport(report=report)


def _nothing() -> None:
    """Do nothing: there is nothing to tear down."""
