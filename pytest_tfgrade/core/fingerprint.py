"""What tells a model from others: prints of its weights and of its predictions."""

from dataclasses import dataclass
from typing import Final

ORDERED: Final = 48
"""Numbers of a sketch of a kernel that depend on the order of its units."""

SORTED: Final = 48
"""Numbers that do not: six quantiles of four moments of columns, then of rows."""

ORDERED_OF_VECTOR: Final = 24
"""Numbers of a sketch of a vector that depend on its order."""

SORTED_OF_VECTOR: Final = 12
"""Numbers that do not: twelve quantiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightPrint:
    """What tells the weights of a file from those of others.

    Names of layers and variables, the optimizer and the format make no difference.
    """

    digest: str
    """Of all values, in no particular order; 16 hexadecimal digits."""

    layout: str
    """Of all shapes, in no particular order; 16 hexadecimal digits."""

    is_initial: bool | None = None
    """Whether vectors still are the 0s and 1s of the start; None: there are none."""

    shapes: tuple[tuple[int, ...], ...] = ()
    """Of the arrays that ``sketch`` is of, those with most numbers."""

    shares: tuple[float, ...] = ()
    """Which share of all numbers have each of these shapes."""

    sketch: str = ""
    """The sum of the sketches of all arrays of a shape, shape by shape.

    As ``runner.worker.weight_sketch`` makes them; in float16 and base64. Of a kernel
    come ``ORDERED`` and ``SORTED`` numbers; of a vector, those of a vector.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPrint:
    """What tells the predictions for one evaluation dataset from others.

    Rows are taken in an order that is the same for all models and spread over the
    dataset.
    """

    dataset: str
    """The evaluation dataset."""

    output: str
    """The output of the contract."""

    digest: str
    """Of all predictions; 16 hexadecimal digits."""

    is_constant: bool
    """Whether they depend so little on the input that the model says one thing."""

    wrong: str = ""
    """Which classes were wrongly predicted; base64, two bytes for each.

    The first says how many rows on from the one before it, from the row before the
    first; the second the class. ``255 255`` goes on by 255 rows and says nothing.
    """

    ranks: str = ""
    """How much better or worse than others each of some predictions is; base64.

    Of classes by the margin of the right one, of numbers by prediction minus target:
    its rank, from 0 to 255.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What tells a model from others."""

    weights: WeightPrint | None = None
    """None if the file's weights could not be looked at."""

    answers: tuple[AnswerPrint, ...] = ()
    """Of the task's own evaluation dataset, one for each output."""
