"""Pages of the ways in which values and members of a group become points."""

from typing import Final

from pytest_tfgrade.commands.page import Page

_ONE_OF: Final = (
    "One of threshold, bands, curve and cases, of a criterion whose check measures.",
)
_ROUNDING: Final = (
    "The bound itself passes; NaN and infinity never do. A value is rounded to six "
    "significant digits in the candidate's favour before it meets a bound."
)

SCALES: Final = (
    Page(
        name="threshold",
        title="The bound that earns all points; below it there are none.",
        notes=_ONE_OF,
        paragraphs=(_ROUNDING,),
        example="""\
- id: accuracy
  check: predict.metric
  metric: accuracy
  threshold: 0.8
  points: 5
""",
    ),
    Page(
        name="bands",
        title="Points, and the bound that earns them; the best band reached counts.",
        notes=_ONE_OF,
        paragraphs=(
            "More points must ask for a better value. The points of the criterion are "
            "those of the best band. Neighbouring bounds should lie three standard "
            "errors apart, so that luck with the hidden data is worth one band at "
            "most: tfgrade rubric selftest measures it.",
            _ROUNDING,
        ),
        example="""\
- id: accuracy
  check: predict.metric
  metric: accuracy
  bands: {5: 0.92, 4: 0.84, 2: 0.62}
""",
    ),
    Page(
        name="curve",
        title="Points and values, with straight lines between them.",
        notes=_ONE_OF,
        paragraphs=(
            "Beyond the best value there are all points, before the first one none. "
            "Points on a line are rounded up to hundredths, but never to all points.",
        ),
        example="""\
- id: error
  check: predict.metric
  metric: mae
  curve: {0: 3.0, 5: 0.5}
""",
    ),
    Page(
        name="cases",
        title="A share of the points for each evaluation dataset whose bound is met.",
        notes=_ONE_OF,
        paragraphs=(
            "Each dataset has the inputs and targets of the contract. Without points, "
            "each is worth 1.",
        ),
        example="""\
- id: in-any-light
  check: predict.metric
  metric: accuracy
  cases: {daylight: 0.9, dusk: 0.8, night: 0.6}
  points: 6
""",
    ),
)
"""How a measured value becomes points."""

RULES: Final = (
    Page(
        name="sum",
        title="The points of all members; points of the group are the most that count.",
    ),
    Page(
        name="min",
        title="The points of the worst member; all members have the same points.",
    ),
    Page(name="max", title="The points of the best member."),
    Page(
        name="any",
        title="The group's points if one member passed; the members have none.",
    ),
    Page(
        name="all",
        title="The group's points if all members passed; the members have none.",
    ),
)
"""How the points of a group follow from those of its members."""
