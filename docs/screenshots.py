"""Take pictures of the pages for ``docs/images``, of grades that are made up.

Run it by hand after the pages changed, where there are Chromium, Playwright and Pillow:
``python docs/screenshots.py``. It grades nothing.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "pages"))

import books  # noqa: E402

from pytest_tfgrade.core.codes import Code  # noqa: E402
from pytest_tfgrade.core.criterion import CriterionResult  # noqa: E402
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade  # noqa: E402
from pytest_tfgrade.core.portrait import NO_PORTRAIT  # noqa: E402
from pytest_tfgrade.core.uncertainty import Uncertainty  # noqa: E402
from pytest_tfgrade.core.verdict import Verdict  # noqa: E402
from pytest_tfgrade.reports.html.candidate_pages import CandidatePages  # noqa: E402
from pytest_tfgrade.reports.html.cohort_pages import CohortPages  # noqa: E402
from pytest_tfgrade.reports.interface import PLAIN, ReportFormat  # noqa: E402

IMAGES: Final = HERE / "images"

SHOTS: Final = (
    ("candidate-phone.png", "candidates/alice.html", 360, 2400),
    ("candidate.png", "candidates/alice.html", 1200, 2700),
    ("cohort.png", "cohort/index.html", 1200, 3400),
)
"""Picture, page, and the width and most height in pixels."""

COLOURS: Final = 255
"""Of a picture: as many as a palette has."""

CANDIDATES: Final = 120

ERROR: Final = 0.0035
"""Standard error of the accuracies."""

BANDS: Final = ((0.9, 4), (0.86, 3), (0.8, 2))
"""Accuracies and the points for them, as the outline in ``books`` has them."""


def main() -> None:
    """Write the pages, open them, and write the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        write(CandidatePages(), books.winter_exam(), Path(folder))
        write(CohortPages(), cohort(), Path(folder))
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        IMAGES.mkdir(exist_ok=True)
        for name, page, width, height in SHOTS:
            (IMAGES / name).write_bytes(
                picture(browser, Path(folder) / page, width, height)
            )
        browser.close()


def write(report: ReportFormat, gradebook: Gradebook, folder: Path) -> None:
    """Write the files of a report below a folder."""
    for file in report.render(gradebook, PLAIN):
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(file.text), encoding="utf-8")


def picture(browser: Browser, page: Path, width: int, height: int) -> bytes:
    """Return a page as a PNG with few colours, from its top down."""
    opened = browser.new_page(viewport={"width": width, "height": 900})
    opened.goto(page.as_uri())
    opened.evaluate(
        "[...document.querySelectorAll('main details')].slice(0, 1)"
        ".forEach(folded => folded.open = true)"
    )
    whole = Image.open(io.BytesIO(opened.screenshot(full_page=True))).convert("RGB")
    opened.close()
    shown = whole.crop((0, 0, width, min(height, whole.height)))
    out = io.BytesIO()
    shown.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def cohort() -> Gradebook:
    """Return the exam of ``books`` with many candidates; the same every time."""
    exam = books.winter_exam()
    return replace(exam, grades=tuple(sorted(candidates(exam), key=lambda g: g.id)))


def candidates(exam: Gradebook) -> Iterator[Grade]:
    """Yield made-up grades; who is good at one task is better at the other."""
    alice = exam.grades[0]
    generator = np.random.default_rng(7)
    for number in range(CANDIDATES):
        skill, luck = generator.normal(size=2)
        is_missing, is_late, is_reviewed = generator.random(3) < (0.06, 0.06, 0.03)
        yield replace(
            alice,
            id=f"candidate-{number:03}",
            penalty=alice.penalty if is_late else None,
            tasks=(
                without_a_model(alice.tasks[0])
                if is_missing
                else fashion(
                    alice.tasks[0], skill, generator, is_reviewed=bool(is_reviewed)
                ),
                sunspots(alice.tasks[1], skill + luck),
            ),
        )


def without_a_model(task: TaskGrade) -> TaskGrade:
    """Return the grades of a task for which nothing was handed in."""
    first, *others = (earning(criterion, 0) for criterion in task.criteria)
    lost = replace(
        first, rationale=Code.MISSING.text, hint=Code.MISSING.hint, code=Code.MISSING
    )
    skipped = (replace(other, verdict=Verdict.SKIPPED) for other in others)
    return replace(task, criteria=(lost, *skipped), portrait=NO_PORTRAIT)


def fashion(
    task: TaskGrade, skill: float, generator: np.random.Generator, *, is_reviewed: bool
) -> TaskGrade:
    """Return grades of the pictures of clothes."""
    shape, accuracy, worst, training, compiled, kept, bonus, size = task.criteria
    value = round(0.85 + 0.04 * float(np.tanh(skill)) + skill / 100, 3)
    earned = next((points for bound, points in BANDS if value >= bound), 0)
    spread = Uncertainty(
        n=10_000,
        standard_error=ERROR,
        interval=(value - 2 * ERROR, value + 2 * ERROR),
    )
    chances = generator.normal(skill, 1, size=5) > (-2.5, 0.3, -2, 0, 1)
    shaped, even, is_compiled, is_kept, has_bonus = (int(met) for met in chances)
    return replace(
        task,
        criteria=(
            earning(shape, shaped),
            replace(
                earning(accuracy, earned),
                value=value,
                rationale=f"accuracy {value}",
                uncertainty=spread,
                borderline=any(abs(value - bound) < ERROR for bound, _ in BANDS),
            ),
            earning(worst, 2 * even),
            earning(training, 1 if is_reviewed else is_compiled + is_kept),
            compiled if is_reviewed else earning(compiled, is_compiled),
            earning(kept, 0 if is_reviewed else is_kept),
            earning(bonus, has_bonus / 2),
            earning(size, 0),
        ),
    )


def sunspots(task: TaskGrade, skill: float) -> TaskGrade:
    """Return grades of the series."""
    value = round(19 - 2.5 * skill, 2)
    points = round(float(np.interp(-value, (-30, -18, -15), (0, 4, 5))), 2)
    error = replace(
        earning(task.criteria[0], points),
        value=value,
        rationale=f"mean absolute error {value}",
    )
    return replace(task, criteria=(error,))


def earning(criterion: CriterionResult, points: float) -> CriterionResult:
    """Return a criterion with other points, and nothing that told of the old ones."""
    earned = Decimal(str(points))
    verdict = Verdict.PARTIAL if earned else Verdict.FAILED
    return replace(
        criterion,
        points=earned,
        verdict=Verdict.PASSED if earned >= criterion.max_points else verdict,
        value=None,
        uncertainty=None,
        borderline=False,
        override=None,
    )


if __name__ == "__main__":
    main()
