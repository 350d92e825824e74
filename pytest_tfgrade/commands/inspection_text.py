"""What was found out about a file, for people."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pytest_tfgrade.commands.compiled_with import compiled_text, compiled_with
from pytest_tfgrade.commands.inspection import Inspection
from pytest_tfgrade.commands.layer_settings import settings_text, settings_that_matter
from pytest_tfgrade.core.contract import shape_text
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.facts import Facts, Part, Tensor, TensorKind
from pytest_tfgrade.core.submission import ArtifactFormat
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.columns import Column, render_columns

if TYPE_CHECKING:
    from pytest_tfgrade.engine.trial import Trial

WIDTH: Final = 100
"""Columns of the table of layers; wider cells are cut."""

_LABELS: Final = 18
"""Columns of a label and what is between it and its text."""

_FORMATS: Final = {
    ArtifactFormat.KERAS: "Keras file (.keras)",
    ArtifactFormat.H5: "HDF5 file (.h5)",
    ArtifactFormat.SAVED_MODEL: "SavedModel",
    ArtifactFormat.TFLITE: "TensorFlow Lite file (.tflite)",
    ArtifactFormat.WEIGHTS: "weights in HDF5",
}
_FRAME: Final = '\n  File "'
"""Begins each frame of a traceback."""

_INNER: Final = "Exception encountered: "
"""Begins what Keras says of an error inside another."""

_LONGEST_RAISED: Final = 300
"""Characters of the line that names one."""

_MOST_NAMED: Final = 5
"""Layers with NaN that are named."""

_COLUMNS: Final = (("layer", 8), ("class", 8), ("settings", 8), ("parameters", 10))
"""Headers, and the narrowest that a column may be cut to."""


def as_text(found: Inspection) -> str:
    """Return lines, the last of which say whether it can be graded."""
    blocks = [[found.name, *_file_lines(found)]]
    if found.layers:
        blocks.append(list(_layer_lines(found)))
    if found.trial is not None and found.trial.refusal is None:
        blocks.append(list(trial_lines(found.trial)))
    if found.refusal is not None:
        blocks.append(list(refusal_lines(found.refusal)))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _line(label: str, text: str) -> str:
    """Return a label and any text, which is made printable here."""
    return f"  {label:{_LABELS}}{printable(text)}"


def _file_lines(found: Inspection) -> Iterator[str]:
    if found.artifact is not None:
        form = found.facts.format if found.facts else found.artifact.format
        yield _line("format", _FORMATS[form])
        yield _line("size", f"{found.artifact.size} bytes")
        yield _line("sha256", found.artifact.sha256)
    if found.facts is not None:
        yield from _facts_lines(found, found.facts)


def _facts_lines(found: Inspection, facts: Facts) -> Iterator[str]:
    yield _line("saved by", _versions(facts))
    if found.runtime is not None:
        yield _line("runtime", f"{found.runtime}, by what the file says")
    yield _line("model", facts.model_class)
    if facts.signature is not None:
        yield _line("signature", facts.signature)
    yield from _tensor_lines("inputs", facts.inputs)
    yield from _tensor_lines("outputs", facts.outputs)
    yield _line("last activation", facts.last_activation or "unknown")
    yield from _weights_lines(found, facts)
    yield _line("compiled with", _compiled(facts))
    names = textwrap.wrap(", ".join(facts.operations), WIDTH - _LABELS)
    for number, row in enumerate(names):
        yield _line("" if number else "operations", row)
    for name, extra in facts.extra.items():
        said = ", ".join(f"{key} {value}" for key, value in extra.items())
        yield _line(printable(name, limit=_LABELS - 1), said)


def _versions(facts: Facts) -> str:
    named = (("Keras", facts.keras_version), ("TensorFlow", facts.tensorflow_version))
    return ", ".join(f"{what} {v}" for what, v in named if v) or "unknown"


def _tensor_lines(label: str, tensors: Sequence[Tensor]) -> Iterator[str]:
    if not tensors:
        yield _line(label, "unknown")
    for number, tensor in enumerate(tensors):
        yield _line("" if number else label, _tensor_text(tensor))


def _tensor_text(tensor: Tensor) -> str:
    dtype = tensor.dtype or "of unknown type"
    text = f"{tensor.name}: {dtype} {shape_text(tensor.shape)}"
    if tensor.kind is not TensorKind.DENSE:
        text += f", {tensor.kind}"
    if tensor.quantization is not None:
        scale, zero = tensor.quantization
        text += f", quantized by {scale:.6g} * (q - {zero})"
    return text


def _weights_lines(found: Inspection, facts: Facts) -> Iterator[str]:
    weights = facts.weights
    if facts.format is ArtifactFormat.TFLITE:  # which does not tell them from weights
        text = f"{weights.parameters}, {weights.model_bytes} bytes"
        yield _line("constants", text)
        return
    yield _line("parameters", str(weights.parameters))
    parts = [f"{weights.model_bytes} bytes"]
    if weights.constants:
        parts.append(f"constants {weights.constant_bytes} bytes")
    if weights.optimizer_bytes:
        parts.append(f"optimizer state {weights.optimizer_bytes} bytes")
    yield _line("weights", ", ".join(parts))
    if Part.WEIGHTS not in facts.holds:
        return
    yield _line("values", _values(found))


def _values(found: Inspection) -> str:
    if found.nonfinite is None:
        return "not looked at, which takes a while; --load does"
    if not found.nonfinite:
        return "all finite"
    count = sum(found.nonfinite.values())
    names = [repr(name) for name in found.nonfinite]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{count} NaN or infinite, in {', '.join(names[:_MOST_NAMED])}{more}"


def _compiled(facts: Facts) -> str:
    if facts.compile_settings is not None:
        return compiled_text(compiled_with(facts.compile_settings))
    is_known = Part.COMPILE in facts.holds
    return "nothing: it was saved without" if is_known else "unknown"


def _layer_lines(found: Inspection) -> Iterator[str]:
    """Yield the table of layers; what is inside another is further to the right."""
    rows = [
        (
            "  " * row.depth + printable(row.layer.name, limit=80),
            printable(row.layer.class_name, limit=60),
            settings_text(settings_that_matter(row.layer)),
            "" if row.parameters is None else str(row.parameters),
        )
        for row in found.layers
    ]
    columns = [
        Column(
            header=header,
            cells=tuple(row[place] for row in rows),
            least=least,
            right=header == "parameters",
        )
        for place, (header, least) in enumerate(_COLUMNS)
    ]
    yield from (f"  {line}" for line in render_columns(columns, WIDTH))


def trial_lines(trial: "Trial") -> Iterator[str]:
    """Yield what became of loading a model and calling it."""
    if trial.untried is not None:
        yield f"not loaded and called: {printable(trial.untried)}"
        if not trial.machine_at_fault:
            yield "  tfgrade validate --load tries it on inputs such as a task has"
        return
    yield "loaded, and called once on made-up inputs"
    if trial.run is not None:
        yield _line("runtime", trial.run.runtime)
        yield _line("repairs", ", ".join(trial.run.repairs) or "none")
        for note in trial.run.adapted:
            yield _line("adapted", note)
    for number, output in enumerate(trial.outputs):
        shown = f"{output.name}: {output.dtype} {output.shape}, all finite"
        yield _line("" if number else "returned", shown)
    if trial.seconds:
        times = (f"{step} {seconds:.2f}" for step, seconds in trial.seconds.items())
        yield _line("seconds", ", ".join(times))


def refusal_lines(refusal: Ungradable) -> Iterator[str]:
    """Yield why a file cannot be graded, and what to do."""
    yield f"cannot be graded: {refusal.code}"
    yield _line("reason", refusal.rationale)
    yield _line("hint", refusal.hint)
    raised = _raised(refusal.detail or "")
    if raised:
        yield _line("raised", printable(raised, limit=_LONGEST_RAISED))


def _raised(detail: str) -> str:
    r"""Return the line of a detail that says most of an exception; else empty.

    It is the first behind the last frame of a traceback; of an error that Keras wraps
    in others, the innermost. A log may follow it.

    >>> _raised('\n  File "a.py", line 3, in f\n    x\nValueError: odd\nmore\na log')
    'ValueError: odd'
    """
    _, frame, after = detail.rpartition(_FRAME)
    lines = [line for line in after.splitlines()[1:] if line[:1] not in {"", " "}]
    inner = [line for line in lines if line.startswith(_INNER)]
    return [*lines[:1], *inner][-1].removeprefix(_INNER) if frame and lines else ""
