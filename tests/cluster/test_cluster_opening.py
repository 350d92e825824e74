"""What leads to no cluster is said before anything is graded, with the way out."""

import socket
import sys
from pathlib import Path

import pytest

from pytest_tfgrade.core.errors import RunnerError, UsageError
from pytest_tfgrade.runner.cluster import dask_cluster, open_cluster
from pytest_tfgrade.runner.cluster.dask_cluster import DaskCluster, address_of


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(UsageError) as caught:
        open_cluster("tcp://127.0.0.1:1")

    assert str(caught.value) == (
        "--tfgrade-engine dask: Dask is not installed; "
        "install it: pip install 'pytest-tfgrade[dask]'"
    )


@pytest.mark.parametrize("where", ["tcp://host:8786", "tls://[::1]:8786", "host:8786"])
def test_an_address_is_taken_as_it_is(where: str) -> None:
    assert address_of(where) == where


def test_a_scheduler_file_names_the_address(tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    file.write_text('{"type": "Scheduler", "address": "tcp://10.0.0.1:8786"}')

    assert address_of(str(file)) == "tcp://10.0.0.1:8786"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "no scheduler file can be read there: No such file or directory"),
        ("", "no scheduler file; it names no address"),
        ("[]", "no scheduler file; it names no address"),
        ('{"type": "Scheduler"}', "no scheduler file; it names no address"),
    ],
)
def test_what_is_neither_is_an_error(
    content: str | None, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "scheduler.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(UsageError) as caught:
        address_of(str(file))

    remedy = "give tcp://HOST:PORT, tls://HOST:PORT, or the scheduler's file"
    assert str(caught.value) == f"{file}: {why}; {remedy}"


def test_another_kind_of_address_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"^http://host:8787: no scheduler file"):
        address_of("http://host:8787")


@pytest.mark.parametrize("backlog", [None, 5], ids=["nobody listens", "somebody else"])
def test_a_scheduler_that_does_not_answer_is_an_error(
    backlog: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "_SPARE", 0.5)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        if backlog is not None:
            port.listen(backlog)
        address = f"tcp://127.0.0.1:{port.getsockname()[1]}"

        with pytest.raises(RunnerError) as caught:
            DaskCluster(address, seconds=0.5)

    said = str(caught.value)
    assert said.startswith(f"{address}: no Dask scheduler answers within 0.5 s: ")
    assert said.endswith(
        "; start dask scheduler, and see that this machine can reach its port"
    )
