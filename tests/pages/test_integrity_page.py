"""The page on integrity as graders see it."""

from decimal import Decimal

import pytest
from conftest import Visit, Write

from pytest_tfgrade.core.criterion import ArtifactRecord
from pytest_tfgrade.core.fingerprint import AnswerPrint, Fingerprint, WeightPrint
from pytest_tfgrade.core.grade import Grade, Gradebook, TaskGrade
from pytest_tfgrade.core.portrait import Portrait
from pytest_tfgrade.reports.integrity import IntegrityReport

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>"
    "<a href='http://evil'>]]>--></style></svg>{{ 7*7 }}\x1b[2J\u202egnp."
    "\ud800::set-output name=x::1\n" + "x" * 250
)


def submission(name: str, file: str, digest: str) -> Grade:
    """Return a submission whose model is untrained and says one thing."""
    answers = AnswerPrint(dataset="rows", output="y", digest=digest, is_constant=True)
    weights = WeightPrint(
        digest=digest, layout="one", is_initial=True, shapes=((20, 10), (10,))
    )
    task = TaskGrade(
        id="digits",
        title="Handwritten digits",
        criteria=(),
        max_points=Decimal(5),
        artifact=ArtifactRecord(path="m", format="keras", sha256=64 * file, bytes=1),
        portrait=Portrait(fingerprint=Fingerprint(weights=weights, answers=(answers,))),
    )
    return Grade(id=name, tasks=(task,), pass_mark=None)


@pytest.mark.parametrize(
    ("width", "dark"), [(360, False), (1440, True)], ids=["phone-light", "desk-dark"]
)
@pytest.mark.parametrize("name", ["bob", HOSTILE], ids=["plain", "hostile"])
def test_the_page_is_quiet_and_fits_and_can_be_read(
    name: str, width: int, dark: bool, write: Write, visit: Visit
) -> None:
    grades = [submission(f"{name} {at}", "a", "one") for at in range(150)]
    grades += [submission(f"{name} {at}", "b", "one") for at in range(150, 160)]
    book = Gradebook(exam="Winter", grades=tuple(grades), isolated=True, version="1")
    path = write(IntegrityReport(), book)[0]

    with visit(path, width=width, dark=dark) as seen:
        shown = seen.page.inner_text("main")
        overflows, unfit = seen.overflows(), seen.unfit()

    assert (seen.complaints, seen.requests, overflows, unfit) == ([], [], [], [])
    assert "and 50 more, which findings.csv names" in shown
    assert "Untrained models (1)" in shown
