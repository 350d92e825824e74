"""How well submitted models are kept from the rest of the machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pytest_tfgrade.core.acts import ACTS, REFUSED, Act, Layer


class Mode(StrEnum):
    """What is asked for."""

    AUTO = "auto"  # isolation, or no run at all
    LIMITS = "limits"  # bounds on resources; NOT ISOLATED on every report
    OFF = "off"  # nothing; NOT ISOLATED on every report


class Profile(StrEnum):
    """What is had."""

    FULL = "full"  # a world of its own: namespaces, Landlock, seccomp, limits
    STRONG = "strong"  # no namespaces: Landlock, seccomp, limits
    LIMITS = "limits"
    OFF = "off"

    @property
    def isolated(self) -> bool:
        """Whether a course can trust a grade that was made under it."""
        match self:
            case Profile.FULL | Profile.STRONG:
                return True
            case Profile.LIMITS | Profile.OFF:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerText:
    """What a grader should know of a layer."""

    what: str
    """One phrase."""

    remedies: tuple[str, ...]
    """How to get it where it is missing; each a way of its own."""


LAYERS: Final[Mapping[Layer, LayerText]] = {
    Layer.NAMESPACES: LayerText(
        what="a world of its own: no network, no files but a Python's libraries",
        remedies=(
            "Linux 5.12 or later",
            "Ubuntu 23.10 and later: sysctl -w "
            "kernel.apparmor_restrict_unprivileged_userns=0",
            "Debian, Arch and others: sysctl -w kernel.unprivileged_userns_clone=1",
            "RHEL and others: sysctl -w user.max_user_namespaces=10000",
            "Docker and Podman: --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --security-opt systempaths=unconfined",
            "root in a container: --cap-add SYS_ADMIN, or run as an ordinary user",
        ),
    ),
    Layer.LANDLOCK: LayerText(
        what="files it was not given stay shut",
        remedies=(
            "Linux 5.13 or later, with CONFIG_SECURITY_LANDLOCK",
            "on the kernel's command line lsm=landlock,... with the names that "
            "/sys/kernel/security/lsm shows",
            "in a container: an engine whose own filter knows Landlock, as Docker 23",
        ),
    ),
    Layer.SECCOMP: LayerText(
        what="system calls that only compute",
        remedies=(
            "Linux with CONFIG_SECCOMP_FILTER, on x86-64 or aarch64",
            "a container or machine that does not translate another processor's code",
        ),
    ),
    Layer.IDENTITY: LayerText(
        what="where the grader is root: another user, without capabilities",
        remedies=(
            "run as an ordinary user",
            "in a container: --cap-add SETUID --cap-add SETGID --cap-add SETPCAP",
            "Python and its packages where other users than root can read them",
        ),
    ),
    Layer.LIMITS: LayerText(
        what="bounds on memory, processor time, threads and files",
        remedies=("a Unix system",),
    ),
    Layer.FRESH_START: LayerText(
        what="a new process that inherits no variables and no open files",
        remedies=("a Unix system",),
    ),
    Layer.WATCHDOG: LayerText(
        what="ends what runs too long, or holds too much",
        remedies=("a Unix system",),
    ),
}
"""What each layer is, and how to get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What surrounds the models of a run, and what came of trying to get out."""

    profile: Profile
    """What was had."""

    layers: Mapping[str, str | None] = field(default_factory=dict)
    """For each layer that may be missing: None if it is there, else why it is not."""

    acts: Mapping[str, str] = field(default_factory=dict)
    """What the canary answered, by the name of the act; empty if none was sent."""

    def leaks(self) -> tuple[str, ...]:
        """Return titles of acts that isolation must refuse, and that were not refused.

        What was not tried counts as not refused.

        >>> Isolation(profile=Profile.FULL, acts={"fork": "done"}).leaks()[-1]
        'be root in a user namespace'
        """
        return tuple(act.title for act in ACTS if act.required and self.may(act))

    def may(self, act: Act) -> bool:
        """Return whether a model may be able to do something."""
        return not self.acts.get(act.name, "").startswith(REFUSED)

    @property
    def holds(self) -> bool:
        """Whether a course can trust a grade: by its profile, and as was tried."""
        return self.profile.isolated and not self.leaks()

    def missing(self) -> tuple[Layer, ...]:
        """Return the layers that are not there."""
        return tuple(Layer(name) for name, why in self.layers.items() if why)
