"""Text set in columns that shrink to the width of a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pytest_tfgrade.reports.line import display_width, shortened, squeezed

_GAP: Final = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A header and the cells under it, all printable."""

    header: str
    """May be cut to ``least`` columns, as may every cell."""

    cells: tuple[str, ...]
    """One for each row."""

    least: int
    """The narrowest that still says what matters."""

    right: bool = True
    """Whether cells are set to the right, as numbers are."""

    @property
    def natural(self) -> int:
        """The width at which nothing is cut."""
        return max(display_width(text) for text in (self.header, *self.cells))

    def set(self, width: int) -> tuple[str, ...]:
        """Return header and cells in exactly ``width`` columns."""
        cells = (shortened(cell, width) for cell in self.cells)
        texts = (squeezed(self.header, width), *cells)
        return tuple(self._padded(text, width) for text in texts)

    def _padded(self, cut: str, width: int) -> str:
        blank = " " * (width - display_width(cut))
        return blank + cut if self.right else cut + blank


def least_width(columns: Sequence[Column]) -> int:
    """Return the narrowest width in which all these columns fit."""
    least = sum(min(column.least, column.natural) for column in columns)
    return least + len(_GAP) * (len(columns) - 1)


def render_columns(columns: Sequence[Column], width: int) -> tuple[str, ...]:
    """Return a line for the headers and one for each row, the widest columns cut first.

    >>> name = Column(header="submission", cells=("anna",), least=4, right=False)
    >>> total = Column(header="total", cells=("4/5",), least=3)
    >>> render_columns([name, total], 15)
    ('submi…on  total', 'anna        4/5')
    """
    widths = [column.natural for column in columns]
    available = width - len(_GAP) * (len(columns) - 1)
    while sum(widths) > available:
        spare = [
            (taken, place)
            for place, taken in enumerate(widths)
            if taken > columns[place].least
        ]
        if not spare:
            break  # nothing more may be cut: the line is too long, but true
        widths[max(spare)[1]] -= 1
    texts = [column.set(taken) for column, taken in zip(columns, widths, strict=True)]
    return tuple(_GAP.join(row).rstrip() for row in zip(*texts, strict=True))
