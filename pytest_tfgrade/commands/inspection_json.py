"""What was found out about a file, for programs."""

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_tfgrade.commands.compiled_with import compiled_with
from pytest_tfgrade.commands.inspection import Inspection, ShownLayer
from pytest_tfgrade.commands.layer_settings import settings_that_matter
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Tensor
from pytest_tfgrade.core.text import printable

if TYPE_CHECKING:
    from pytest_tfgrade.engine.trial import Trial


def as_json(found: Inspection) -> str:
    """Return one JSON object; keys are added to it, never renamed."""
    refusal, artifact = found.refusal, found.artifact
    return dumped(
        {
            "schema": 1,
            "file": found.name,
            **refusal_tree(refusal, is_open=bool(found.trial and found.trial.untried)),
            "format": artifact and artifact.format.value,
            "bytes": artifact and artifact.size,
            "sha256": artifact and artifact.sha256,
            "runtime": found.runtime,
            "model": found.facts and _model(found, found.facts),
            "trial": found.trial and trial_tree(found.trial),
        }
    )


def refusal_tree(
    refusal: Ungradable | None, *, is_open: bool = False
) -> dict[str, Any]:
    """Return whether a file can be graded, and why not.

    Args:
        refusal: Why not.
        is_open: Whether nobody knows; then ``gradable`` is null.
    """
    return {
        "gradable": None if is_open else refusal is None,
        "code": refusal and refusal.code.value,
        "rationale": refusal and refusal.rationale,
        "hint": refusal and refusal.hint,
        "detail": refusal and refusal.detail and tuple(refusal.detail.splitlines()),
    }


def dumped(tree: dict[str, Any]) -> str:
    """Return a tree as JSON in which every text is printable.

    A list becomes a list. A tuple is one text, of a line for each of its items: a line
    break is no part of what is printable, so a text of several lines has to be given
    in this way.
    """
    shown = _printable(tree)
    return json.dumps(shown, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _model(found: Inspection, facts: Facts) -> dict[str, Any]:
    weights = facts.weights
    return {
        "keras_version": facts.keras_version,
        "tensorflow_version": facts.tensorflow_version,
        "class": facts.model_class,
        "signature": facts.signature,
        "inputs": [_tensor(tensor) for tensor in facts.inputs],
        "outputs": [_tensor(tensor) for tensor in facts.outputs],
        "last_activation": facts.last_activation,
        "parameters": weights.parameters,
        "weights_bytes": weights.model_bytes,
        "optimizer_bytes": weights.optimizer_bytes,
        "constants": weights.constants,
        "constants_bytes": weights.constant_bytes,
        "nonfinite": None if found.nonfinite is None else dict(found.nonfinite),
        "compiled_with": facts.compile_settings
        and compiled_with(facts.compile_settings),
        "operations": list(facts.operations),
        "holds": sorted(part.name.lower() for part in facts.holds),
        "layers": _layers(found.layers),
        "extra": {name: dict(extra) for name, extra in facts.extra.items()},
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": None if tensor.shape is None else list(tensor.shape),
        "dtype": tensor.dtype,
        "kind": tensor.kind.value,
        "quantization": tensor.quantization and list(tensor.quantization),
    }


def _layers(rows: Sequence[ShownLayer]) -> list[dict[str, Any]]:
    """Return the outermost layers, each with those inside."""
    top: list[dict[str, Any]] = []
    around = [top]
    for row in rows:
        inner: list[dict[str, Any]] = []
        del around[row.depth + 1 :]
        around[row.depth].append(
            {
                "name": row.layer.name,
                "class": row.layer.class_name,
                "module": row.layer.module,
                "registered_name": row.layer.registered_name,
                "settings": settings_that_matter(row.layer),
                "parameters": row.parameters,
                "layers": inner,
            }
        )
        around.append(inner)
    return top


def trial_tree(trial: "Trial") -> dict[str, Any]:
    """Return what became of loading a model and calling it."""
    run = trial.run
    return {
        "untried": trial.untried,
        "runtime": run and run.runtime,
        "repairs": list(run.repairs) if run else [],
        "adapted": list(run.adapted) if run else [],
        "outputs": [
            {"name": output.name, "shape": list(output.shape), "dtype": output.dtype}
            for output in trial.outputs
        ],
        "seconds": {step: round(s, 3) for step, s in trial.seconds.items()},
    }


def _printable(node: Any) -> Any:  # noqa: ANN401 - any value
    """Make a tree fit for JSON, as ``dumped`` says."""
    match node:
        case None | bool() | int():
            return node
        case float():
            return node if math.isfinite(node) else None
        case tuple():
            return "\n".join(printable(str(line)) for line in node)
        case list():
            return [_printable(item) for item in node]
        case dict():
            return {printable(str(key)): _printable(v) for key, v in node.items()}
        case _:
            return printable(str(node))
