"""An example of each built-in check, and what a model reads that does not meet it.

Tests read each example as part of a rubric, and hold each sample against what the check
says of a model that cheats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """How a check is used."""

    yaml: str
    """One criterion."""

    sample: str
    """The rationale that a model gets which does not meet it."""


EXAMPLES: Final[Mapping[str, Example]] = {
    "file": Example(
        yaml="""\
- id: file
  check: file
""",
        sample="no model was handed in for this task",
    ),
    "model.meta": Example(
        yaml="""\
- id: keras-3
  check: model.meta
  points: 1
  keras: ">=3.0,<4"
""",
        sample="saved by Keras 2.15.0, required >=3.0,<4",
    ),
    "model.kind": Example(
        yaml="""\
- id: functional
  check: model.kind
  points: 1
  kind: Functional
""",
        sample="the model is Sequential, required Functional",
    ),
    "model.layers": Example(
        yaml="""\
- id: convolutions
  check: model.layers
  points: 1
  class: Conv2D
  min: 2
  where: {filters: ">= 16"}
""",
        sample="1 Conv2D layer with filters >= 16, required >= 2; "
        "1 more not on the way from an input to an output",
    ),
    "model.forbid": Example(
        yaml="""\
- id: no-recurrence
  check: model.forbid
  points: 1
  layers: [LSTM, GRU, SimpleRNN]
""",
        sample="the model uses LSTM (memory)",
    ),
    "model.io": Example(
        yaml="""\
- id: shapes
  check: model.io
  points: 1
  activation: softmax
""",
        sample="the last activation is linear, required softmax",
    ),
    "model.params": Example(
        yaml="""\
- id: small
  check: model.params
  points: 1
  max: 100000
""",
        sample="250000 parameters, required <= 100000",
    ),
    "model.compile": Example(
        yaml="""\
- id: compiled
  check: model.compile
  points: 1
  optimizer: [Adam, AdamW]
  agree: true  # of loss and last activation
""",
        sample="the optimizer is SGD, required Adam or AdamW",
    ),
    "model.trained": Example(
        yaml="""\
- id: trained
  check: model.trained
  points: 1
  min: 100  # steps
""",
        sample="trained for 0 steps, required >= 100",
    ),
    "model.base": Example(
        yaml="""\
- id: built-on-the-base
  check: model.base
  points: 1
  base: base.keras  # beside the rubric
  frozen: true
""",
        sample="0% of the base kept, required >= 90%",
    ),
    "model.finite": Example(
        yaml="""\
- id: finite
  check: model.finite
  points: 1
""",
        sample="12 weights are NaN or infinite, in 'dense'",
    ),
    "model.residual": Example(
        yaml="""\
- id: skip-connections
  check: model.residual
  points: 1
  min: 2
""",
        sample="0 skip connections, required >= 2",
    ),
    "predict.contract": Example(
        yaml="""\
- id: contract
  check: predict.contract
  points: 1
  deterministic: true
  batch_sizes: [1, 7, 32]
""",
        sample="6 of 6 rows of 'digit' do not sum to 1",
    ),
    "predict.metric": Example(
        yaml="""\
- id: accuracy
  check: predict.metric
  metric: accuracy
  bands: {5: 0.92, 4: 0.84, 2: 0.62}
""",
        sample="accuracy 0.5 < 0.62",
    ),
    "predict.baseline": Example(
        yaml="""\
- id: better-than-guessing
  check: predict.baseline
  points: 1
  metric: accuracy
  predictor: majority
  margin: 0.1
""",
        sample="accuracy 0.5, majority predictor 0.5: no better, "
        "required better by 0.1",
    ),
    "predict.transform": Example(
        yaml="""\
- id: turned
  check: predict.transform
  points: 2
  change: {rotate: 15}
  metric: accuracy
  threshold: 0.8
""",
        sample="accuracy 0.5 < 0.8, turned by up to 15 degrees",
    ),
    "predict.ablate": Example(
        yaml="""\
- id: the-convolution-matters
  check: predict.ablate
  points: 1
  layer: Conv2D
  metric: accuracy
  drop: 0.1
""",
        sample="accuracy 1, 1 without 'decoration': no worse, required 0.1",
    ),
    "predict.future": Example(
        yaml="""\
- id: causal
  check: predict.future
  points: 1
""",
        sample="with other inputs from a step between 1 and 3 on, the steps before it "
        "differ: 6 of 6 rows of 'next' differ by up to 12, allowed 0.001",
    ),
    "predict.inputs_used": Example(
        yaml="""\
- id: both-inputs
  check: predict.inputs_used
  points: 1
  inputs: [image, size]
""",
        sample="other values of 'image' change 6 of 6 rows; "
        "other values of 'size' change 0 of 6 rows, required 3",
    ),
    "predict.latency": Example(
        yaml="""\
- id: fast
  check: predict.latency
  points: 1
  reference: reference.keras  # beside the rubric
  threshold: 3  # times as long
""",
        sample="latency 4.5 > 3, 900 ms, the reference model 200 ms",
    ),
    "predict.memory": Example(
        yaml="""\
- id: lean
  check: predict.memory
  points: 1
  reference: reference.keras  # beside the rubric
  threshold: 3  # times as much
""",
        sample="memory 4 > 3, 256 MiB, the reference model 64 MiB",
    ),
    "predict.diagnose": Example(
        yaml="""\
- id: misunderstanding
  check: predict.diagnose
  metric: accuracy
  threshold: 0.8
""",
        sample="accuracy 0.5 as given, 1 divided by 255",
    ),
}
"""By the name of the check."""
