"""Inputs that every child may read and none can change."""

import mmap
import os
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.runner import SharedInputs


def test_a_child_sees_the_bytes_of_the_array() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)

    with SharedInputs({"image": values}) as inputs:
        pages = mmap.mmap(inputs.descriptors[0], 48, prot=mmap.PROT_READ)
        seen = np.frombuffer(pages, np.float32).reshape(3, 4)

        np.testing.assert_array_equal(seen, values)
        assert inputs.rows == 3
        assert inputs.description == (
            {"name": "image", "dtype": "float32", "shape": [3, 4], "width": 4},
        )


def test_nobody_can_write_through_the_descriptor_or_by_opening_it_again() -> None:
    with SharedInputs({"image": np.ones((2, 2))}) as inputs:
        descriptor = inputs.descriptors[0]

        with pytest.raises(PermissionError):
            os.pwrite(descriptor, b"x", 0)
        with pytest.raises(PermissionError):
            mmap.mmap(descriptor, 32, prot=mmap.PROT_WRITE)
        with (
            Path(f"/proc/self/fd/{descriptor}").open("r+b", buffering=0) as again,
            pytest.raises(PermissionError),
        ):
            again.write(b"x")


def test_text_is_laid_out_as_utf_8() -> None:
    with SharedInputs({"text": np.array([["naïve"], ["模型"]])}) as inputs:
        (item,) = inputs.description
        data = os.pread(inputs.descriptors[0], 100, 0)

    assert item == {"name": "text", "dtype": "string", "shape": [2, 1], "width": 6}
    assert data == "naïve模型".encode()


def test_no_rows_are_no_problem() -> None:
    with SharedInputs({"x": np.empty((0, 4))}) as inputs:
        assert inputs.rows == 0


def test_printing_shows_no_value() -> None:
    with SharedInputs({"image": np.full((2, 2), 12345.0)}) as inputs:
        assert repr(inputs) == "<SharedInputs ['image'], 2 rows>"
