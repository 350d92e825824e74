"""``tfgrade doctor``: what it says of machines, and of this one."""

import json
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_tfgrade.commands.doctor_json import as_json
from pytest_tfgrade.commands.doctor_text import as_text
from pytest_tfgrade.commands.examination import Examination, Machine
from pytest_tfgrade.core.acts import ACTS
from pytest_tfgrade.core.isolation import Isolation, Profile
from pytest_tfgrade.core.runtime import KnownRuntime

if TYPE_CHECKING:
    from conftest import Run

REFUSED = {act.name: "refused: EPERM" for act in ACTS}
ALL_THERE = {"namespaces": None, "landlock": None, "seccomp": None}


def examination(
    profile: Profile,
    *,
    is_root: bool = False,
    settings: dict[str, str] | None = None,
    layers: dict[str, str | None] | None = None,
    acts: dict[str, str] | None = None,
) -> Examination:
    return Examination(
        machine=Machine(
            kernel="Linux 6.8.0 x86_64",
            python="3.12.3",
            is_root=is_root,
            settings=settings or {},
        ),
        runtimes=(
            KnownRuntime(name="keras3", python="/usr/bin/python3", keras="3.15.1"),
            KnownRuntime(
                name="tf_keras",
                python="/usr/bin/python3",
                library="tf_keras",
                keras=None,
                missing="/usr/bin/python3 has no tf_keras; install tf-keras",
            ),
        ),
        isolation=Isolation(
            profile=profile,
            layers={**ALL_THERE, **(layers or {})},
            acts={**REFUSED, **(acts or {})},
        ),
    )


NOT_ISOLATED = examination(
    Profile.STRONG,
    settings={"kernel.unprivileged_userns_clone": "0", "user.max_user_namespaces": "9"},
    layers={"namespaces": "[Errno 1] unshare: Operation not permitted"},
    acts={
        "read_secret": "refused: EACCES",
        "see_secret": "done",
        "connect_tcp": "done",
        "exceed_scratch": "not tried: the watchdog ends what writes too much",
        "read_environment": "done: GITHUB_TOKEN",
        "use_descriptors": "refused: none is there",
        "gain_capabilities": "refused: EIO",
    },
)


def parts(found: Examination) -> list[list[str]]:
    """Return the lines of each part of the text, by blanks."""
    return [part.splitlines() for part in as_text(found).split("\n\n")]


def test_a_machine_that_leaks_is_told_what_leaks_and_the_ways_out() -> None:
    machine, layers, missing, acts, ways_out, verdict = parts(NOT_ISOLATED)

    assert machine == [
        "kernel    Linux 6.8.0 x86_64",
        "Python    3.12.3",
        "user      an ordinary user",
        "runtimes  keras3: Keras 3.15.1",
        "          tf_keras: /usr/bin/python3 has no tf_keras; install tf-keras",
    ]
    assert layers == [
        "layer                what it is",
        "namespaces  missing  a world of its own: no network, no files but a Python's "
        "libraries",
        "landlock    there    files it was not given stay shut",
        "seccomp     there    system calls that only compute",
    ]
    assert missing == [
        "namespaces missing: unshare: Operation not permitted; ways to get it:",
        "  sysctl -w kernel.unprivileged_userns_clone=1 (it is 0)",
    ]
    assert len(acts) == 1 + len(ACTS)
    assert [" | ".join(line.split("  ")).split(" | ")[0] for line in acts[1:]] == [
        act.title for act in ACTS
    ]
    assert ways_out == [
        "ways out",
        "  get what is missing, as told above",
        "  grade in a throw-away virtual machine or container that can isolate",
        "  only for models that you trust: pytest --tfgrade-sandbox=limits; every "
        "report says NOT ISOLATED",
    ]
    assert verdict == [
        "graded here would NOT be isolated: a model could connect to a port of this "
        "machine, and 1 more"
    ]


@pytest.mark.parametrize(
    ("title", "told"),
    [
        (
            "read a file of the grader's",
            "refused: permission denied                          landlock",
        ),
        (
            "learn size and date of a file of the grader's",
            "able to: Landlock does not hide what it keeps shut",
        ),
        ("connect to a port of this machine", "ABLE TO"),
        (
            "become another program",
            "refused: not permitted                              seccomp, landlock",
        ),
        (
            "write more than its scratch folder may hold",
            "not tried: the watchdog ends what writes too much",
        ),
        ("see variables of the grader's", "ABLE TO (GITHUB_TOKEN)"),
        (
            "use open files of the grader's",
            "refused: none is there                              fresh start",
        ),
        (
            "have or gain capabilities",
            "refused: EIO                                        identity",
        ),
    ],
)
def test_each_act_has_its_answer_and_what_refuses_it_here(
    title: str, told: str
) -> None:
    line = f"{title:<45}  {told}"

    assert line in as_text(NOT_ISOLATED).splitlines()


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (
            examination(Profile.FULL),
            "graded here would be isolated: profile full",
        ),
        (
            examination(Profile.STRONG, layers={"namespaces": "why"}),
            "graded here would be isolated: profile strong",
        ),
        (
            examination(Profile.LIMITS, layers={"seccomp": "why"}),
            "graded here would NOT be isolated: seccomp is missing",
        ),
        (
            examination(
                Profile.LIMITS, layers={"namespaces": "why", "landlock": "why"}
            ),
            "graded here would NOT be isolated: namespaces and landlock are missing",
        ),
        (
            examination(Profile.FULL, acts={"fork": "done"}),
            "graded here would NOT be isolated: a model could start a process",
        ),
    ],
)
def test_the_last_line_is_the_verdict(found: Examination, verdict: str) -> None:
    assert as_text(found).splitlines()[-1] == verdict


def test_nothing_is_suggested_where_all_is_there() -> None:
    machine, layers, acts, verdict = parts(examination(Profile.FULL))

    assert [part[0].split()[0] for part in (machine, layers, acts, verdict)] == [
        *("kernel", "layer", "a", "graded"),
    ]


@pytest.mark.parametrize(
    ("is_root", "settings"),
    [
        (False, {"user.max_user_namespaces": "9"}),
        (True, {"user.max_user_namespaces": "0"}),  # which does not concern root
    ],
)
def test_all_ways_are_told_where_no_setting_is_to_blame(
    is_root: bool, settings: dict[str, str]
) -> None:
    layers: dict[str, str | None] = {"namespaces": "why"}
    found = examination(
        Profile.STRONG, is_root=is_root, settings=settings, layers=layers
    )

    _, _, missing, *_ = parts(found)

    assert missing == [
        "namespaces missing: why; ways to get it:",
        "  Linux 5.12 or later",
        "  Ubuntu 23.10 and later: sysctl -w "
        "kernel.apparmor_restrict_unprivileged_userns=0",
        "  Debian, Arch and others: sysctl -w kernel.unprivileged_userns_clone=1",
        "  RHEL and others: sysctl -w user.max_user_namespaces=10000",
        "  Docker and Podman: --security-opt seccomp=unconfined --security-opt "
        "apparmor=unconfined --security-opt systempaths=unconfined",
        "  root in a container: --cap-add SYS_ADMIN, or run as an ordinary user",
    ]


def test_json_says_the_same() -> None:
    said = json.loads(as_json(NOT_ISOLATED))

    layers, acts = said.pop("layers"), said.pop("acts")
    assert said == {
        "schema": 1,
        "isolated": False,
        "sandbox": "strong",
        "kernel": "Linux 6.8.0 x86_64",
        "python": "3.12.3",
        "root": False,
        "settings": {
            "kernel.unprivileged_userns_clone": "0",
            "user.max_user_namespaces": "9",
        },
        "runtimes": [
            {
                "name": "keras3",
                "python": "/usr/bin/python3",
                "library": "keras",
                "keras": "3.15.1",
                "missing": None,
            },
            {
                "name": "tf_keras",
                "python": "/usr/bin/python3",
                "library": "tf_keras",
                "keras": None,
                "missing": "/usr/bin/python3 has no tf_keras; install tf-keras",
            },
        ],
    }
    assert [(one["name"], one["there"], one["why"]) for one in layers] == [
        ("namespaces", False, "[Errno 1] unshare: Operation not permitted"),
        ("landlock", True, None),
        ("seccomp", True, None),
    ]
    assert [one["name"] for one in acts] == [act.name for act in ACTS]
    assert acts[0] == {
        "name": "read_secret",
        "title": "read a file of the grader's",
        "possible": False,
        "answer": "refused: EACCES",
        "tolerated": None,
        "layers": ["namespaces", "landlock"],
    }
    assert {one["name"] for one in acts if one["possible"]} == {
        *("see_secret", "connect_tcp", "exceed_scratch", "read_environment"),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="nothing isolates elsewhere")
class TestThisMachine:
    """Whether it isolates or not, depends on it; that the parts agree, does not."""

    def test_the_status_is_that_of_the_verdict(self, run: "Run") -> None:
        ran = run("doctor")

        *_, verdict = ran.out.splitlines()
        assert (ran.status, ran.err) in {(0, ""), (1, "")}
        assert ("NOT" in verdict) is (ran.status == 1)

    def test_all_acts_are_tried_but_for_those_that_the_profile_leaves_out(
        self, run: "Run"
    ) -> None:
        said = json.loads(run("doctor", "--json").out)

        untried = {
            act["name"]: act["answer"]
            for act in said["acts"]
            if not act["answer"] or act["answer"].startswith("not tried")
        }
        if said["sandbox"] == "full":
            assert untried == {}
        else:
            assert set(untried) <= {"exceed_scratch", "exceed_threads"}
            assert all("the watchdog ends" in answer for answer in untried.values())

    def test_an_argument_is_a_mistake_in_the_call(self, run: "Run") -> None:
        assert run("doctor", "model.keras").status == 2
