"""What was found out about a machine, for people."""

import re
from collections.abc import Iterator
from typing import Final

from pytest_tfgrade.commands.examination import Examination, Machine
from pytest_tfgrade.core.acts import ACTS, NOT_TRIED, REFUSED, Act, Layer
from pytest_tfgrade.core.isolation import LAYERS, Isolation
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.reports.columns import Column, render_columns

WIDTH: Final = 120
"""Columns of a table; wider cells are cut."""

_ERRORS: Final = {
    "EACCES": "permission denied",
    "EAGAIN": "no more to be had",
    "ECONNREFUSED": "nobody listens",
    "EDQUOT": "no space left",
    "EFBIG": "the file is too large",
    "EINVAL": "no such thing here",
    "EMFILE": "too many open files",
    "ENETUNREACH": "no network",
    "ENOENT": "nothing there",
    "ENOMEM": "no more memory",
    "ENOSPC": "no space left",
    "ENOSYS": "no such system call",
    "EPERM": "not permitted",
    "EROFS": "nothing can be written",
    "ESRCH": "no such process",
}
"""What errors of the system mean to a grader."""

_FORBIDDING: Final = {
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "user.max_user_namespaces": ("0", "10000"),
}
"""The value that leaves ordinary users without namespaces, and a better one."""

_NUMBER: Final = re.compile(r"^\[Errno \d+\] ")

_WAYS_OUT: Final = (
    "ways out",
    "  get what is missing, as told above",
    "  grade in a throw-away virtual machine or container that can isolate",
    "  only for models that you trust: pytest --tfgrade-sandbox=limits; every report "
    "says NOT ISOLATED",
)


def as_text(found: Examination) -> str:
    """Return lines, the last of which says whether submissions would be isolated."""
    isolation = found.isolation
    blocks = [list(_machine_lines(found)), list(_layer_lines(isolation))]
    blocks += [list(_remedy_lines(found, layer)) for layer in isolation.missing()]
    blocks.append(list(_act_lines(isolation)))
    if not isolation.holds:
        blocks.append(list(_WAYS_OUT))
    blocks.append([_verdict(isolation)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _machine_lines(found: Examination) -> Iterator[str]:
    machine = found.machine
    yield f"kernel    {printable(machine.kernel)}"
    yield f"Python    {machine.python}"
    yield f"user      {'root' if machine.is_root else 'an ordinary user'}"
    for place, known in enumerate(found.runtimes):
        library = {"keras": "Keras", "tf_keras": "tf-keras"}[known.library]
        what = known.missing or f"{library} {known.keras}"
        yield f"{'' if place else 'runtimes':<8}  {known.name}: {printable(what)}"


def _layer_lines(isolation: Isolation) -> tuple[str, ...]:
    rows = [
        (layer.value, "missing" if isolation.layers[layer] else "there", text.what)
        for layer, text in LAYERS.items()
        if layer in isolation.layers
    ]
    return _table(("layer", "", "what it is"), rows)


def _remedy_lines(found: Examination, layer: Layer) -> Iterator[str]:
    """Say why a layer is missing, and how to get it."""
    why = _NUMBER.sub("", found.isolation.layers[layer] or "")
    yield f"{layer} missing: {printable(why, limit=300)}; ways to get it:"
    remedies = LAYERS[layer].remedies
    if layer is Layer.NAMESPACES and not found.machine.is_root:
        remedies = _settings_to_change(found.machine) or remedies
    yield from (f"  {remedy}" for remedy in remedies)


def _settings_to_change(machine: Machine) -> tuple[str, ...]:
    """Return what to do about settings that forbid user namespaces, if any does."""
    return tuple(
        f"sysctl -w {name}={better} (it is {value})"
        for name, value in machine.settings.items()
        for forbidding, better in (_FORBIDDING[name],)
        if value == forbidding
    )


def _act_lines(isolation: Isolation) -> tuple[str, ...]:
    """Return a table; empty if nothing was tried."""
    rows = [
        (act.title, _answer(act, isolation), _layers(act, isolation)) for act in ACTS
    ]
    return _table(("a model that tries to", "is", "by"), rows)


def _answer(act: Act, isolation: Isolation) -> str:
    """Say in a grader's words what came of an act."""
    said = isolation.acts.get(act.name, NOT_TRIED)
    what, _, more = said.partition(": ")
    if what == REFUSED:
        return f"refused: {_ERRORS.get(more, printable(more, limit=40))}"
    if what == NOT_TRIED:
        return f"not tried: {printable(more, limit=60)}" if more else what
    seen = f" ({printable(more, limit=40)})" if more else ""
    return f"able to{seen}: {act.tolerated}" if act.tolerated else f"ABLE TO{seen}"


def _layers(act: Act, isolation: Isolation) -> str:
    """Name what refuses an act, as far as it is there."""
    if isolation.may(act):
        return ""
    gone = {*isolation.missing()}
    return ", ".join(layer for layer in act.layers if layer not in gone)


def _table(
    headers: tuple[str, str, str], rows: list[tuple[str, str, str]]
) -> tuple[str, ...]:
    columns = [
        Column(header=header, cells=tuple(cells), least=20, right=False)
        for header, cells in zip(headers, zip(*rows, strict=True), strict=True)
    ]
    return render_columns(columns, WIDTH)


def _verdict(isolation: Isolation) -> str:
    if isolation.holds:
        return f"graded here would be isolated: profile {isolation.profile}"
    if isolation.profile.isolated:
        first, *others = isolation.leaks()
        why = f"a model could {first}" + (f", and {len(others)} more" if others else "")
    else:
        missing = isolation.missing()
        why = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return f"graded here would NOT be isolated: {why}"
