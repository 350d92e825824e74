"""The table of ``docs/howto/integrity.md``, from ``docs/figures/integrity.json``.

python benchmarks/integrity_table.py
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FIGURES: Final = Path(__file__).parents[1] / "docs" / "figures" / "integrity.json"

CHANGES: Final[Mapping[str, str]] = {
    "renamed": "layers renamed, saved as `.h5`",
    "permuted": "units of all hidden layers permuted",
    "last layer": "last layer made anew and trained, the others frozen",
    "tuned 1": "trained on for 1 epoch",
    "tuned 2": "trained on for 2 epochs",
    "tuned 5": "trained on for 5 epochs",
    "tuned 10": "trained on for 10 epochs",
    "tuned 2, permuted": "trained on for 2 epochs, then permuted",
    "noise 1%": "noise of 1 % of the spread of each array",
    "noise 5%": "noise of 5 %",
    "noise 20%": "noise of 20 %",
    "pruned 20%": "the smallest 20 % of the weights set to 0",
    "pruned 50%": "the smallest 50 %",
    "distilled": "another model, trained on its predictions",
}
"""What was done to copies, in the order of the table."""


def main() -> None:
    """Print the table."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    print("\n".join(lines(figures)))


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table in Markdown: found of all copies, by kind of model."""
    kinds = list(figures["kinds"])
    yield "| copy | " + " | ".join(kinds) + " | by | predictions alone |"
    yield "|---|" + "--:|" * len(kinds) + "---|--:|"
    for change, words in CHANGES.items():
        rows = [figures["kinds"][kind]["copies"].get(change, {}) for kind in kinds]
        cells = [f"{row.get('found', 0)}/{row.get('copies', 0)}" for row in rows]
        total: Counter[str] = Counter()
        for row in rows:
            total.update(row)
        by = [kind for kind, count in total.most_common() if kind in _KINDS and count]
        alone = [
            figures["kinds"][kind]["copies by answers alone"].get(change, {})
            for kind in kinds
        ]
        found, copies = (sum(row.get(key, 0) for row in alone) for key in _COUNTS)
        told = ", ".join(f"`{name}`" for name in sorted(by)) or "-"
        yield f"| {words} | {' | '.join(cells)} | {told} | {found}/{copies} |"


_COUNTS: Final = ("found", "copies")

_KINDS: Final = (
    *("identical-files", "identical-weights", "shared-weights", "similar-weights"),
    *("reordered-weights", "alike-answers"),
)


if __name__ == "__main__":
    main()
