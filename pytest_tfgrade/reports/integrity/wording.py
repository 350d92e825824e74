"""What findings mean, in words for people who did not read how they are made."""

from collections.abc import Mapping
from typing import Final

from pytest_tfgrade.reports.integrity.finding import Evidence, Finding, Kind
from pytest_tfgrade.reports.integrity.measured import MEASURED

CAUTION: Final = (
    "These are hints for a person, no proof, and no points hang on them. Talk to the "
    "candidates before you decide anything: people work together where it is allowed, "
    "start from the same file, or run the same notebook with the same seed, which "
    "gives the same weights to the last digit. What is not listed may still be copied."
)

GIVEN: Final = (
    "So many are alike that they may have been given it: a starter model, a pretrained "
    "one, or a notebook with a fixed seed."
)

TITLES: Final[Mapping[Kind, str]] = {
    Kind.IDENTICAL_FILES: "Identical files",
    Kind.IDENTICAL_WEIGHTS: "Identical weights in different files",
    Kind.SHARED_WEIGHTS: "Some layers are identical",
    Kind.SIMILAR_WEIGHTS: "Nearly the same weights",
    Kind.REORDERED_WEIGHTS: "The same weights with units in another order",
    Kind.ALIKE_ANSWERS: "Predictions that agree more than accuracy explains",
    Kind.UNTRAINED: "Untrained models",
    Kind.CONSTANT: "Models that say the same whatever the input",
}

MEANINGS: Final[Mapping[Kind, str]] = {
    Kind.IDENTICAL_FILES: "The files are the same, byte by byte.",
    Kind.IDENTICAL_WEIGHTS: (
        "All weights are the same to the last digit; names of layers, the format, the "
        "state of the optimizer or the date differ."
    ),
    Kind.SHARED_WEIGHTS: (
        "Some arrays of weights are the same to the last digit, while other "
        "submissions have other values there. So it is if one model was the start of "
        "the other and only some layers were trained again, or if both load the same "
        "pretrained layers."
    ),
    Kind.SIMILAR_WEIGHTS: (
        "Kernels and biases are nearer to each other than those of models that were "
        "trained apart from the same start. So it is if one was trained on from the "
        "other for a short while, or if noise was added."
    ),
    Kind.REORDERED_WEIGHTS: (
        "The units of the layers have the same weights, but stand in another order, "
        "which changes nothing of what a model predicts."
    ),
    Kind.ALIKE_ANSWERS: (
        "They err in the same way on the same rows, much more than others do on these "
        "rows. The weights do not show why: the layers differ, or the format does."
    ),
    Kind.UNTRAINED: (
        "All biases and scales still are the 0s and 1s that Keras starts with."
    ),
    Kind.CONSTANT: (
        "The class that is predicted, or the number, hardly depends on the input."
    ),
}


def chance(kind: Kind) -> str:
    """Return how often such a thing was found where nothing was copied."""
    known = MEASURED[kind]
    things = "models" if kind.is_of_one else "pairs of models"
    return (
        f"In our measurements it was said of {known.alarms} of {known.pairs:,} "
        f"{things} that were trained apart, many from the same initial weights."
    )


def facts(finding: Finding) -> list[str]:
    """Return the evidence of a whole finding as sentences."""
    known = finding.evidence
    match finding.kind:
        case Kind.IDENTICAL_FILES:
            return [f"SHA-256 {known['sha256']}"]
        case Kind.IDENTICAL_WEIGHTS:
            untrained = ["The weights are untrained."] if known["is_initial"] else []
            return [f"The same weights are in {known['files']} files.", *untrained]
        case Kind.SHARED_WEIGHTS:
            return [
                f"Arrays of the shape {known['arrays']}, with "
                f"{float(known['share'] or 0):.1%} of all weights. "
                f"{known['others']} others have other values there."
            ]
        case Kind.ALIKE_ANSWERS | Kind.CONSTANT:
            return [f"Output {known['output']} on the dataset {known['dataset']}."]
        case Kind.SIMILAR_WEIGHTS | Kind.REORDERED_WEIGHTS | Kind.UNTRAINED:
            return []


def measures(kind: Kind, evidence: Evidence) -> str:
    """Return what was measured of a pair as one phrase."""
    known = evidence
    if kind is Kind.SIMILAR_WEIGHTS:
        vectors = known["vectors"]
        biases = "" if vectors is None else f", of biases {float(vectors):.3f}"
        return f"distance of kernels {known['kernels']:.3f}{biases}{_typical(known)}"
    if kind is Kind.REORDERED_WEIGHTS:
        return (
            f"distance of kernels {known['kernels']:.3f}, but in any order "
            f"{known['any_order']:.3f}{_typical(known)}"
        )
    if "identical" in known:
        return "all predictions are identical"
    if "correlation" in known:
        return f"correlation of errors beyond the class's {known['correlation']:.3f}"
    return (
        f"the same wrong class in {known['same_wrong']} of {known['either_wrong']} "
        f"rows that either got wrong; in the {known['both_wrong']} that both did, "
        f"{known['expected']} were expected; probability {known['probability']:.2g} "
        "for models that err independently, times the number of pairs"
    )


def _typical(known: Evidence) -> str:
    typical = known["typical"]
    return "" if typical is None else f"; typical in the class {float(typical):.3f}"
