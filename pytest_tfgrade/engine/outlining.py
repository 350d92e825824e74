"""What reports need of a rubric that is the same for everybody."""

from pytest_tfgrade.checks import Needs
from pytest_tfgrade.core.outline import CriterionOutline, ScaleOutline, TaskOutline
from pytest_tfgrade.core.scale import BandTable, Cases, Curve, PassMark, Scale
from pytest_tfgrade.rubric import BoundCriterion, BoundGroup, Rubric


def outline_of(rubric: Rubric) -> TaskOutline:
    """Return titles, hints and scales of a rubric."""
    description = rubric.description
    return TaskOutline(
        title=rubric.title,
        description=description if any(description.texts.values()) else None,
        criteria={entry.id: _criterion(entry, rubric) for entry in rubric.criteria},
    )


def _criterion(entry: BoundCriterion | BoundGroup, rubric: Rubric) -> CriterionOutline:
    scale = metric = None
    datasets: tuple[str, ...] = ()
    if isinstance(entry, BoundCriterion):
        scale, metric = _scale(entry.scale), entry.parameters.get("metric")
        if entry.check.needs is Needs.PREDICTIONS:
            datasets = entry.datasets or rubric.datasets[:1]
    return CriterionOutline(
        title=entry.title,
        hint=entry.hint,
        scale=scale,
        measure=getattr(metric, "name", None),
        datasets=datasets,
        visibility=entry.visibility,
    )


def _scale(scale: Scale | Cases | None) -> ScaleOutline | None:
    """Return a scale's steps; None of a scale that several datasets share."""
    match scale:
        case PassMark(threshold=threshold, full=full):
            steps = ((full, threshold.bound),)
            return ScaleOutline(
                kind="threshold", direction=threshold.direction, steps=steps
            )
        case BandTable(bands=bands):
            return ScaleOutline(
                kind="bands",
                direction=bands.direction,
                steps=tuple(sorted(bands.bounds.items())),
            )
        case Curve(nodes=nodes, direction=direction):
            return ScaleOutline(
                kind="curve", direction=direction, steps=tuple(sorted(nodes.items()))
            )
        case _:
            return None
