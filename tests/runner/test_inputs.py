"""Inputs that every child may read and none can change."""

import errno
import hashlib
import mmap
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from pytest_tfgrade.core.errors import RunnerError
from pytest_tfgrade.core.pages import Pages
from pytest_tfgrade.runner import Pass, SharedInputs
from pytest_tfgrade.runner.passes import order_of
from pytest_tfgrade.runner.worker.sandbox import seccomp


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


def test_the_digest_is_that_of_what_children_see() -> None:
    values = np.array([[1], [2]], np.int16)

    with SharedInputs({"x": values, "text": np.array(["a", "bc"])}) as inputs:
        found = inputs.digest

    whole = (
        b'{"dtype": "int16", "name": "x", "shape": [2, 1], "width": 2}\n\1\0\2\0'
        b'{"dtype": "string", "name": "text", "shape": [2], "width": 2}\na\0bc'
    )
    assert found == hashlib.sha256(whole).hexdigest()


def test_the_digest_is_the_same_whoever_asks_first() -> None:
    values = np.arange(1 << 20, dtype=np.float32)

    with (
        SharedInputs({"x": values}) as one,
        SharedInputs({"x": values}) as other,
        ThreadPoolExecutor(8) as pool,
    ):
        found = {*pool.map(lambda _: one.digest, range(32)), other.digest}

    assert len(found) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"y": np.zeros((2, 2), np.float32)},
        {"x": np.zeros((4, 1), np.float32)},
        {"x": np.zeros((2, 2), np.int32)},
        {"x": np.ones((2, 2), np.float32)},
    ],
)
def test_inputs_that_differ_in_anything_have_another_digest(
    changed: dict[str, np.ndarray],
) -> None:
    plain = {"x": np.zeros((2, 2), np.float32)}

    with SharedInputs(plain) as one, SharedInputs(changed) as other:
        assert one.digest != other.digest


def on_disk(data: bytes) -> Pages:
    pages = Pages(len(data), most=0)
    pages.write(data)
    pages.seal()
    return pages


def test_what_lies_in_pages_already_is_not_copied() -> None:
    values = np.arange(4, dtype=np.float32)
    pages = on_disk(values.tobytes())

    with SharedInputs({"x": values}, {"x": pages}) as inputs:
        pages.close()
        status = os.fstat(inputs.descriptors[0])
        data = os.pread(inputs.descriptors[0], 16, 0)
        order_of([Pass(inputs=inputs)])

    assert (status.st_nlink, data) == (0, values.tobytes())


def test_inputs_of_pages_are_those_that_were_described() -> None:
    values = np.arange(4, dtype=np.float32)

    with (
        SharedInputs({"x": values}) as given,
        SharedInputs.of_pages(
            [on_disk(values.tobytes())], given.description, given.rows
        ) as inputs,
    ):
        assert inputs.digest == given.digest
        assert (inputs.rows, inputs.description) == (4, given.description)


@pytest.mark.skipif(seccomp.available() is not None, reason=str(seccomp.available()))
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_under_the_filter_nobody_gives_himself_a_right_to_inputs_on_disk() -> None:
    pages = on_disk(b"1234")
    number = pages.descriptor
    reading, writing = os.pipe()

    child = os.fork()
    if child == 0:
        try:
            seccomp.install(os.getpid())
            for act in (
                lambda: os.fchmod(number, 0o600),
                lambda: Path(f"/proc/self/fd/{number}").chmod(0o600),
                lambda: os.pwrite(number, b"x", 0),
                lambda: mmap.mmap(number, 4, prot=mmap.PROT_WRITE),
                lambda: os.ftruncate(number, 0),
            ):
                try:
                    act()
                    os.write(writing, b"worked ")
                except OSError as error:
                    os.write(writing, f"{errno.errorcode[error.errno or 0]} ".encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)

    with os.fdopen(reading) as pipe:
        assert pipe.read().split() == ["EPERM", "EPERM", "EBADF", "EACCES", "EINVAL"]
    assert (bytes(pages.view()), pages.is_as_written()) == (b"1234", True)
    pages.close()


def test_inputs_on_disk_that_somebody_changed_are_given_to_no_model() -> None:
    pages = on_disk(b"1234")

    with SharedInputs({"x": np.zeros(4, np.uint8)}, {"x": pages}) as inputs:
        os.fchmod(inputs.descriptors[0], 0o600)
        with pytest.raises(RunnerError) as caught:
            order_of([Pass(inputs=inputs)])

    assert str(caught.value) == (
        "the hidden inputs, which lie in a file on disk, were changed while models "
        "ran; run models in the sandbox (--tfgrade-sandbox=auto)"
    )
    pages.close()
