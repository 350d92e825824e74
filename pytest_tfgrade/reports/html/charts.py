"""Charts as SVG that belongs to a page: no style, no script, no colour of its own.

pygal lays them out. Of what it draws, shapes and texts are kept and nothing else, so
that the same numbers give the same bytes on any day and with either XML library. The
page's style colours them by their classes: ``chart``, ``color-0``, ``color-1``.
"""

import html
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Final

from pytest_tfgrade.core.text import printable

if TYPE_CHECKING:
    from markupsafe import Markup

_WIDTH: Final = 360
"""Of the drawing, in units that are pixels on a phone."""

_HEIGHT: Final = 190

_KEPT: Final = {
    "g": ("class", "transform"),
    "path": ("class", "d"),
    "rect": ("class", "x", "y", "width", "height"),
    "text": ("x", "y", "transform"),
}
"""Elements that stay in a drawing, and their attributes."""

_CLASSES: Final = frozenset(
    {"x", "y", "axis", "guide", "line", "major", "nofill", "color-0", "color-1"}
)
"""Classes that stay; the page's style knows them."""

_LONG_NUMBER: Final = re.compile(r"-?[0-9]+\.[0-9]+(e-?[0-9]+)?")

_LABELS_ACROSS: Final = 8
"""Labels that have room below a chart."""

_LABELS_UP: Final = 5
"""Labels that have room beside a chart."""

_LONGEST: Final = 100_000
"""Characters of an attribute; the path of a long series is one."""

_FAR: Final = 1e300
"""From here on a value cannot be drawn."""


def histogram(edges: Sequence[float], counts: Sequence[int], *, label: str) -> "Markup":
    """Draw how many there are between each edge and the next.

    Args:
        edges: Finite, in ascending order, one more than counts.
        counts: For each bin; not negative.
        label: What a reader hears who does not see the drawing.
    """
    unit = _unit(edges)
    places = [edge / unit for edge in edges]
    chart = _pygal().Histogram(
        **_settings(),
        x_labels=_ends(places),
        x_value_formatter=lambda place: _short(place * unit),
        y_labels=_whole_steps(max(counts)),
        value_formatter=_short,
    )
    bins = zip(counts, places[:-1], places[1:], strict=True)
    chart.add("", [bin_ for bin_ in bins if bin_[0]] or [(0, places[0], places[-1])])
    return _drawn(chart, label)


def bars(names: Sequence[str], counts: Sequence[int], *, label: str) -> "Markup":
    """Draw a bar for each name; of many names, only some are written below.

    Args:
        names: At least one.
        counts: For each name; not negative.
        label: What a reader hears who does not see the drawing.
    """
    step = -(-len(names) // _LABELS_ACROSS)
    shown = ["" if at % step else printable(name) for at, name in enumerate(names)]
    chart = _pygal().Bar(
        **_settings(),
        x_labels=shown,
        y_labels=_whole_steps(max(counts)),
        value_formatter=_short,
    )
    chart.add("", list(counts))
    return _drawn(chart, label)


def lines(series: Sequence[Sequence[float]], *, label: str) -> "Markup":
    """Draw one or two series of numbers, row by row; the second is dashed.

    What is not finite leaves a gap.
    """
    known = [value for values in series for value in values if abs(value) < _FAR]
    unit = _unit(known)
    chart = _pygal().Line(
        **_settings(),
        show_dots=False,
        allow_interruptions=True,
        value_formatter=lambda place: _short(place * unit),
    )
    for values in series:
        chart.add("", [v / unit if abs(v) < _FAR else None for v in values])
    return _drawn(chart, label)


def _unit(values: Iterable[float]) -> float:
    """Return the power of ten of the largest value: pygal fails at sizes of its own."""
    largest = max(map(abs, values), default=0.0)
    return 10.0 ** max(math.floor(math.log10(largest)), _LEAST) if largest else 1.0


_LEAST: Final = -300
"""Power of ten below which numbers are no longer exact."""


_PLUG_INS: Final = "find_distributions"
"""The method by which Python finds what is installed."""


def _pygal() -> Any:  # noqa: ANN401 - pygal has no types
    """Import pygal, but nothing that it does to how Python finds modules and plug-ins.

    Its finder of maps lacks ``find_spec``; with it, Python 3.11 warns at every later
    import that fails, and where warnings are errors nobody gets an ImportError. And its
    ``importlib_metadata`` takes the standard library's own way to find plug-ins away.
    """
    finders, own = [*sys.meta_path], vars(PathFinder).get(_PLUG_INS)
    import pygal  # noqa: PLC0415 - pages are rarely asked for

    sys.meta_path[:] = finders
    if own is not None:
        setattr(PathFinder, _PLUG_INS, own)
    return pygal


def _settings() -> Mapping[str, Any]:
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "margin": 6,
        "spacing": 6,
        "js": (),
        "css": (),
        "no_prefix": True,
        "show_legend": False,
        "max_scale": 6,
        "truncate_label": 12,
        "no_data_text": "",
    }


def _ends(edges: Sequence[float]) -> list[float]:
    """Return what to write below bins: the ends, and 0 if it is well within them."""
    first, last = edges[0], edges[-1]
    share = -first / (last - first)
    return [first, 0, last] if _MARGIN < share < 1 - _MARGIN else [first, last]


_MARGIN: Final = 0.15
"""Share of the width that a label needs to its side."""


def _whole_steps(most: int) -> list[int]:
    """Return round numbers from 0 to at least ``most``, to write beside counts.

    >>> _whole_steps(3), _whole_steps(47), _whole_steps(0)
    ([0, 1, 2, 3], [0, 10, 20, 30, 40, 50], [0, 1])
    """
    rough = max(most / _LABELS_UP, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    return [step * at for at in range(max(-(-most // step), 1) + 1)]


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < _WRITTEN_OUT else f"{value:.2g}"


_WRITTEN_OUT: Final = 1000


def _drawn(chart: Any, label: str) -> "Markup":  # noqa: ANN401 - pygal has no types
    from markupsafe import Markup  # noqa: PLC0415

    inner = "".join(_element(child) for child in chart.render_tree())
    return Markup(  # noqa: S704 - every text in it is quoted
        f'<svg class="chart" role="img" aria-label="{_quoted(label)}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}">{inner}</svg>'
    )


def _element(node: Any) -> str:  # noqa: ANN401 - of either XML library
    """Return what is kept of an element; nothing of one that shows nothing."""
    tag = node.tag
    if tag not in _KEPT or node.get("class") in {"background", "tooltip-box"}:
        return ""
    attributes = "".join(_attribute(name, node.get(name)) for name in _KEPT[tag])
    if tag in {"path", "rect"}:
        return f"<{tag}{attributes}/>"
    is_text = tag == "text"
    inner = _quoted(node.text or "") if is_text else "".join(map(_element, node))
    if not inner or not attributes:
        return inner
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _attribute(name: str, text: str | None) -> str:
    if not text:
        return ""
    if name == "class":
        shown = " ".join(word for word in text.split() if word in _CLASSES)
    else:
        shown = _LONG_NUMBER.sub(_rounded, text)
    return f' {name}="{_quoted(shown)}"' if shown else ""


def _rounded(number: re.Match[str]) -> str:
    return f"{round(float(number[0]), 1):g}"


def _quoted(text: str) -> str:
    return html.escape(printable(text, limit=_LONGEST))
