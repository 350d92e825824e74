"""Charts, read back as XML."""

import math
import subprocess
import sys
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

import defusedxml.ElementTree
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.reports.html.charts import bars, histogram, lines


def texts(svg: Element) -> list[str | None]:
    return [text.text for text in svg.iter("text")]


def test_a_histogram_has_a_bar_for_each_bin_that_holds_something() -> None:
    drawn = histogram((-1.0, 0.0, 1.0, 3.0), (4, 0, 2), label="How far off")

    svg = defusedxml.ElementTree.fromstring(drawn)
    bars_ = [(rect.get("width"), rect.get("height")) for rect in svg.iter("rect")]
    assert svg.attrib == {
        "class": "chart",
        "role": "img",
        "aria-label": "How far off",
        "viewBox": "0 0 360 190",
    }
    assert bars_ == [("79.8", "155.8"), ("159.6", "77.9")]
    assert texts(svg) == ["0", "1", "2", "3", "4", "-1", "0", "3"]


def test_counts_are_told_in_whole_numbers() -> None:
    svg = defusedxml.ElementTree.fromstring(bars(("a", "b"), (1, 2), label="any"))

    assert texts(svg) == ["0", "1", "2", "a", "b"]


def test_of_many_names_some_are_written() -> None:
    names = [str(name) for name in range(100, 130)]

    svg = defusedxml.ElementTree.fromstring(bars(names, [1] * 30, label="any"))

    assert len(list(svg.iter("rect"))) == 30
    assert texts(svg)[2:] == ["100", "104", "108", "112", "116", "120", "124", "128"]


def test_two_series_are_two_lines_and_what_is_not_finite_is_a_gap() -> None:
    drawn = lines(((1.0, 2.0, math.nan, 3.0, 4.0), (1.0,) * 5), label="any")

    svg = defusedxml.ElementTree.fromstring(drawn)
    drawn_lines = [
        (group.get("class"), len(list(group)))
        for group in svg.iter("g")
        if (group.get("class") or "").startswith("color")
    ]
    assert drawn_lines == [("color-0", 2), ("color-1", 1)]


def test_a_hostile_label_is_text() -> None:
    hostile = '"><script>alert(1)</script>\x1b\u202e'

    svg = defusedxml.ElementTree.fromstring(bars([hostile], (1,), label=hostile))

    assert svg.get("aria-label") == '"><script>alert(1)</script>\\x1b\\u202e'
    assert {node.tag for node in svg.iter()} == {"svg", "g", "path", "rect", "text"}


def test_a_chart_knows_no_day() -> None:
    drawn = str(lines(((1.0, 2.0),), label="any"))

    assert str(datetime.now(UTC).year) not in drawn
    assert drawn == str(lines(((1.0, 2.0),), label="any"))


@pytest.mark.parametrize(
    "edges", [(0.0, 1e-12, 2e-12), (-1e300, 0.0, 1e300), (5.0, 6.0, 7.0)]
)
def test_bins_of_any_size_are_drawn(edges: tuple[float, ...]) -> None:
    svg = defusedxml.ElementTree.fromstring(histogram(edges, (1, 1), label="any"))

    assert len(list(svg.iter("rect"))) == 2


def test_no_counts_at_all_are_an_empty_chart() -> None:
    svg = defusedxml.ElementTree.fromstring(histogram((0.0, 1.0), (0,), label="any"))

    assert [rect.get("height") for rect in svg.iter("rect")] in ([], ["0"])


def test_drawing_leaves_imports_as_they_were() -> None:
    code = (
        "from pytest_tfgrade.reports.html.charts import lines\n"
        "lines(((1.0, 2.0),), label='any')\n"
        "try:\n"
        "    import there_is_no_such_module\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )

    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout == "No module named 'there_is_no_such_module'\n"


@pytest.mark.parametrize(
    "numbers",
    [(0.0, 1e299), (1e-320, 2e-320), (1.0, 1.0 + 1e-15), (0.0,), (-1e200, 1.0)],
)
def test_numbers_of_any_size_are_drawn(numbers: tuple[float, ...]) -> None:
    svg = defusedxml.ElementTree.fromstring(lines((numbers,), label="any"))

    assert "inf" not in " ".join(filter(None, texts(svg)))


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_any_numbers_can_be_drawn(numbers: list[float]) -> None:
    drawn = lines((numbers, numbers), label="any")

    assert "nan" not in drawn
    assert "inf" not in drawn


def test_drawing_leaves_the_way_python_finds_things_as_it_was() -> None:
    program = """
import sys
from importlib import metadata
from pytest_tfgrade.reports.html.charts import bars

def known():
    return [*sys.meta_path], len([*metadata.distributions()])

before = known()
bars(["a"], [1], label="one")
assert "pygal" in sys.modules
assert known() == before
"""

    ended = subprocess.run([sys.executable, "-c", program], check=False)

    assert ended.returncode == 0
