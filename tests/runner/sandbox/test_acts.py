"""The acts, tried where nothing forbids them, and where one thing does."""

import json
import os
import resource
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_tfgrade.core.acts import ACTS, DONE, NOT_TRIED, REFUSED
from pytest_tfgrade.runner.worker.sandbox import acts

OFTEN_REFUSED = {
    *("gain_capabilities", "change_user"),  # to who is not root
    *("make_namespace", "trace", "read_memory"),  # by containers and distributions
}

Answers = Mapping[str, str]

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*multi-threaded, use of fork:DeprecationWarning"  # xdist has threads
)


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Make all that an order names; nothing of it is out of reach."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "secret").write_text("targets")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        unix.bind(str(folder / "socket"))
        unix.listen()
        yield {
            "secret": str(folder / "secret"),
            "hidden": [str(folder / "secret"), str(folder)],
            "folder": str(folder),
            "home": str(tmp_path),
            "parent": os.getpid(),
            "memory": 64 << 20,
            "threads": 8,
            "port": tcp.getsockname()[1],
            "socket": str(folder / "socket"),
            "scratch_bytes": 20 << 20,
            "environment": ["PATH"],
            "profile": "full",
        }


def in_a_child(
    order: Mapping[str, Any], before: Callable[[int], object] = lambda _: None
) -> Answers:
    """Try the acts in a forked process that has a channel, as a zygote's child has.

    Args:
        order: What to try to reach.
        before: Called first, with the file descriptor of the channel.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            before(theirs.fileno())
            theirs.sendall(json.dumps(acts.try_acts(order)).encode())
        finally:
            os._exit(0)
    theirs.close()
    with ours, ours.makefile("rb") as channel:
        said = channel.read()
    os.waitpid(pid, 0)
    answers: Answers = json.loads(said)
    return answers


def give_up_root(_: int) -> None:
    """Become an ordinary user, if this is not one."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(*[60_001] * 3)
        os.setresuid(*[60_001] * 3)


def test_both_sides_know_the_same_acts() -> None:
    assert list(acts.ACTS) == [act.name for act in ACTS]
    assert (acts.REFUSED, acts.NOT_TRIED, acts.DONE) == (REFUSED, NOT_TRIED, DONE)


def test_where_nothing_is_forbidden_each_act_is_done(order: dict[str, Any]) -> None:
    opened = os.open(order["folder"], os.O_RDONLY)

    answers = in_a_child(order)

    os.close(opened)
    refused = {name for name, text in answers.items() if not text.startswith("done")}
    assert refused <= OFTEN_REFUSED
    assert answers["read_environment"] == "done: PATH"
    assert f"{opened} (folder)" in answers["use_descriptors"]


def test_what_was_done_leaves_nothing_behind(order: dict[str, Any]) -> None:
    folder, home = Path(order["folder"]), Path(order["home"])

    in_a_child(order)

    assert sorted(path.name for path in home.rglob("*")) == [
        *("secret", "socket", "trusted"),
    ]
    assert (folder / "secret").read_text() == "targets"
    shared = (Path("/tmp"), Path("/dev/shm"))  # noqa: S108 - where acts write
    assert [left for path in shared for left in path.glob("tfgrade-canary-*")] == []


def test_a_refusal_has_the_name_of_its_error(order: dict[str, Any]) -> None:
    gone = {
        "secret": "/nowhere/secret",
        "hidden": ["/nowhere"],
        "folder": "/nowhere",
        "home": "/nowhere",
    }
    nobody = {"parent": 1 << 22, "socket": "/nowhere/socket", "port": 1}

    answers = in_a_child({**order, **gone, **nobody})

    named = (
        *("read_secret", "see_secret", "list_folder", "write_folder", "change_secret"),
        *("chmod_secret", "touch_secret", "write_home", "connect_unix"),
        *("read_environ", "read_cmdline", "read_maps", "list_descriptors"),
    )
    assert {name: answers[name] for name in named} == (
        dict.fromkeys(named, "refused: ENOENT")
    )
    processes = ("read_memory", "trace", "signal_parent", "signal_group")
    assert {name: answers[name] for name in processes} == (
        dict.fromkeys(processes, "refused: ESRCH")
    )
    assert answers["connect_tcp"] == "refused: ECONNREFUSED"
    assert answers["read_hidden"] == "refused: none can be read"


def close_all_but(*kept: int) -> None:
    for first, last in zip((2, *sorted(kept)), (*sorted(kept), 256), strict=True):
        os.closerange(first + 1, last)


def test_a_file_that_was_inherited_is_found(order: dict[str, Any]) -> None:
    with Path(order["secret"]).open() as file:
        inherited = file.fileno()

        answers = in_a_child(order, lambda own: close_all_but(own, inherited))

    assert answers["use_descriptors"] == f"done: {inherited} (file)"


def test_the_channel_and_a_name_that_opens_nothing_are_no_inheritance(
    order: dict[str, Any],
) -> None:
    only_named = os.open(order["folder"], os.O_PATH)

    answers = in_a_child(order, lambda own: close_all_but(own, only_named))

    os.close(only_named)
    assert answers["use_descriptors"] == "refused: none is there"


def test_of_what_is_open_what_was_named_is_no_inheritance(
    order: dict[str, Any],
) -> None:
    named = {**order, "descriptors": [*range(256)]}

    answers = in_a_child(named)

    assert answers["use_descriptors"] == "refused: none is there"


def test_variables_that_are_not_there_are_refused(order: dict[str, Any]) -> None:
    answers = in_a_child({**order, "environment": ["NOT_SET"]})

    assert answers["read_environment"] == "refused: none is there"


def test_limits_refuse_memory_and_disk(order: dict[str, Any]) -> None:
    def bound(_: int) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    answers = in_a_child({**order, "memory": 1 << 32}, bound)

    assert answers["exceed_memory"] == "refused: ENOMEM"
    assert answers["exceed_scratch"] == "refused: EFBIG"


def test_limits_refuse_threads(order: dict[str, Any]) -> None:
    def bound(channel: int) -> None:
        give_up_root(channel)
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))

    assert in_a_child(order, bound)["exceed_threads"] == "refused: EAGAIN"


def test_who_is_not_root_gets_no_rights(order: dict[str, Any]) -> None:
    answers = in_a_child(order, give_up_root)

    assert answers["gain_capabilities"] == "refused: EPERM"
    assert answers["change_user"] == "refused: EPERM"


def test_an_act_without_its_part_is_not_tried() -> None:
    answers = in_a_child({})

    assert answers["connect_tcp"] == "not tried: the order has no 'port'"
    assert answers["exceed_scratch"] == "not tried: the order has no 'profile'"


def test_what_the_watchdog_would_end_is_not_tried(order: dict[str, Any]) -> None:
    def count_nothing(_: int) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_NPROC)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))

    answers = in_a_child({**order, "profile": "strong"}, count_nothing)

    disk = "not tried: the watchdog ends what writes too much"
    threads = "not tried: the watchdog ends what has too many"
    assert (answers["exceed_scratch"], answers["exceed_threads"]) == (disk, threads)
