"""``tfgrade rubric new``: from described data to a rubric that passes its checks."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Run

MakeDataset = Callable[..., None]

FRUIT = """\
# yaml-language-server: $schema=rubric.schema.json
# Begun by: tfgrade rubric new fruit
# What each word means: tfgrade rubric explain NAME
task: fruit
title: 'Fruit: by weight'
description: >-
  Say here what the candidate is to do, and what the public data are.
dataset: fruit
artifact:
  names: [fruit]  # in the candidate's folder, without the ending
  formats: [keras, h5]
  max_size: 20 MB
contract:
  inputs:
    weight: {shape: [null, 1], dtype: float32}  # grams; 0 to 500
  outputs:
    # in this order: cherry, apple, melon
    kind: {shape: [null, 3], kind: probabilities}
limits: {seconds: 60, memory: 2 GiB}
criteria:
"""


def test_a_rubric_is_written_for_described_data(run: "Run", fruit: Path) -> None:
    ran = run("rubric", "new", "fruit")

    assert ran.err == ""
    assert ran.out == (
        "wrote rubrics/fruit.yaml; next:\n"
        "  say in it what the task is, and move the bounds marked CALIBRATE\n"
        "  tfgrade rubric schema > rubrics/rubric.schema.json  # for editors\n"
        "  tfgrade rubric check && tfgrade rubric selftest --no-models\n"
    )
    assert Path("rubrics/fruit.yaml").read_text() == FRUIT
