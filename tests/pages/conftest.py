"""Pages opened in a Chromium that is there: one browser, an empty profile a page."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from pytest_tfgrade.core.grade import Gradebook  # noqa: E402
from pytest_tfgrade.reports.interface import (  # noqa: E402
    PLAIN,
    ReportFormat,
    Request,
)

_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

_UNFOLD: Final = "document.querySelectorAll('details').forEach(d => d.open = true)"

_OVERFLOW: Final = (HERE / "overflow.js").read_text(encoding="utf-8")


@dataclass
class Seen:
    """A page that is open, and what was noticed of it."""

    page: Any
    """Playwright's page."""

    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of the console, exceptions, dialogs."""

    requests: list[str] = field(default_factory=list)
    """Addresses that were asked for, beside the file itself."""

    def overflows(self) -> list[str]:
        """Return what is wider than its place, but for labelled boxes that scroll."""
        found: list[str] = self.page.evaluate(_OVERFLOW)
        return found

    def unfit(self) -> list[str]:
        """Return what axe-core finds to be in the way of a reader."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{rule['id']}: {node['target']}: {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]


Visit = Callable[..., AbstractContextManager[Seen]]
"""Opens a file: ``visit(path, width=360, dark=True)``."""

Write = Callable[..., list[Path]]
"""Writes a report: ``write(CandidatePages(), gradebook, language="zh")``."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a browser with an empty profile."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium to open pages with")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed"
    )
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=[*_FLAGS])
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Visit:
    """Return what opens a file; everything that folds is unfolded."""

    @contextmanager
    def opened(path: Path, *, width: int = 1440, dark: bool = False) -> Iterator[Seen]:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        page = context.new_page()
        seen = Seen(page)
        address = path.as_uri()
        page.on("console", lambda line: seen.complaints.append(line.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on("dialog", lambda dialog: _dismissed(seen, dialog))
        page.on(
            "request",
            lambda asked: asked.url == address or seen.requests.append(asked.url),
        )
        page.goto(address)
        page.evaluate(_UNFOLD)
        yield seen
        context.close()

    return opened


def _dismissed(seen: Seen, dialog: Any) -> None:
    seen.complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes the files of a report and returns their paths."""

    def written(report: ReportFormat, gradebook: Gradebook, **asked: Any) -> list[Path]:
        paths = []
        for file in report.render(gradebook, Request(**asked) if asked else PLAIN):
            path = tmp_path / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as out:
                out.writelines(file.text)
            paths.append(path)
        return paths

    return written
