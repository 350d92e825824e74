"""Train the reference models of ``multi_io`` and ``char_lm`` and check their points.

    python examples/training/make_references.py

Each is trained from seed 1 and saved without optimizer state; the script fails if one
earns other points than those written here.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import char_lm
import keras
import multi_io
from banding import judge, made
from calibration import HEAD, ROOT, Maker, Measured, save_keras

OUT = ROOT / "examples/references"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A model that shows what a task's bands mean."""

    name: str
    """Of the file; it starts with the name of the task."""

    make: Maker
    points: tuple[int, ...]
    """What it must earn: for ``multi_io`` by class and by value."""


REFERENCES = (
    Reference(name="multi_io_strong", make=multi_io.reference, points=(5, 5)),
    Reference(name="multi_io_numbers", make=multi_io.numbers_only, points=(0, 0)),
    Reference(name="char_lm_strong", make=char_lm.reference, points=(5,)),
    Reference(name="char_lm_bigrams", make=char_lm.bigram, points=(0,)),
    # Its points are why the task needs a check that changes the future.
    Reference(name="char_lm_future", make=char_lm.cheat, points=(5,)),
)


def measure(name: str, model: keras.Model) -> tuple[Measured, ...]:
    """Score a model on the hidden data of its task."""
    if name.startswith("multi_io"):
        return multi_io.measure(model)
    return (judge(char_lm.scores(model), char_lm.BITS),)


def main() -> int:
    """Make the models; return 1 if the points of one are not the expected ones."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    wrong = []
    print(HEAD)
    for reference in REFERENCES:
        label, model = made(reference.name, reference.make, 1)
        save_keras(model, OUT / f"{reference.name}.keras")
        found = measure(reference.name, model)
        print("\n".join(each.row(label) for each in found), flush=True)
        points = tuple(each.points for each in found)
        if points != reference.points:
            wrong.append(f"{reference.name}: {points}, expected {reference.points}")
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
