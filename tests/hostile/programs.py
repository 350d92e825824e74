"""Code that is handed in beside weights: an honest model that does something more.

The code holds the targets of its row as ``MARKER``, ``SECRET``, ``LABELS``, ``PORT``
and ``SOCKET``. It acts ``import``, when its module is run; ``build``, when it builds
its model; ``config``, when its layer is made from a whole saved model; or ``predict``,
when the model is called.
"""

import functools
import re
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from course import patterns
from rows import Row, Targets

Make = Callable[[Path, Targets], None]

_START = """\
import ctypes, errno, os, signal, socket, stat, sys, threading, time

import keras
import numpy as np

LIBC = ctypes.CDLL(None, use_errno=True)
REFUSED = "EPERM EACCES ENOSYS ENOENT EROFS EXDEV"
REFUSED = {getattr(errno, name) for name in REFUSED.split()}


def called(name, *arguments):
    \"\"\"Call a function of the C library; raise what it says.\"\"\"
    kinds = {int: ctypes.c_long, bytes: ctypes.c_char_p}
    wide = [kinds.get(type(a), lambda same: same)(a) for a in arguments]
    function = getattr(LIBC, name)
    is_wide = name in ("syscall", "mmap", "ptrace")
    function.restype = ctypes.c_long if is_wide else ctypes.c_int
    result = function(*wide)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), name)
    return result
"""

_ALL_ACTS = """

def attack():
    \"\"\"Try every act; raise a refusal, or say which was not refused.\"\"\"
    refusals = []
    for name, act in [*globals().items()]:
        if not name.startswith("act_"):
            continue
        try:
            act()
        except OSError as error:
            known = error.errno in REFUSED or isinstance(error, socket.gaierror)
            if not known and not isinstance(error.__context__, OSError):
                raise RuntimeError(f"{name} was not refused: {error!r}") from None
            refusals.append(error)
        else:
            raise RuntimeError(f"{name} was not refused")
    refusals.sort(key=lambda error: not isinstance(error, PermissionError))
    raise refusals[0]
"""

_QUIETLY = """

attack_loudly = attack


def attack():
    try:
        attack_loudly()
    except (OSError, MemoryError):
        pass
    except RuntimeError as error:
        if "can't start new thread" not in str(error):
            raise
"""

_MODEL = """

class Passing(keras.layers.Layer):
    def call(self, inputs):
        found = attack() if {at!r} == "predict" else None
        return inputs if found is None else found(inputs)

    def compute_output_shape(self, shape):
        return shape

    @classmethod
    def from_config(cls, config):
        if {at!r} == "config":
            attack()
        return cls(**config)


def build_model():
    if {at!r} == "build":
        attack()
    return keras.Sequential([
        keras.Input((8, 8)),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax", name="digit"),
        Passing(name="passing"),
    ])


if {at!r} == "import":
    attack()
"""


def does(text: str, *, at: str = "predict", quietly: bool = False) -> Make:
    """Return what hands in code that attacks, and weights.

    Args:
        text: Of a module. It defines ``attack()``, which may return a function that
            the outputs go through; or functions ``act_...``, all of which must raise
            what refuses them: the code then raises a refusal itself.
        at: When it attacks.
        quietly: Whether it swallows what it gets, and predicts.
    """
    whole = textwrap.dedent(text)
    if not re.search(r"^def attack\b", whole, re.MULTILINE):
        whole += _ALL_ACTS
    whole += _QUIETLY if quietly else ""

    def make(folder: Path, targets: Targets) -> None:
        code = _START + _constants(targets) + whole + _MODEL.format(at=at)
        (folder / "source.py").write_text(code, encoding="utf-8")
        name = "digits.keras" if at == "config" else "digits.weights.h5"
        (folder / name).write_bytes(_saved(name))

    return make


def coded(  # noqa: PLR0913 - a row, and how its code is run
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    text: str,
    *expected: str,
    by: str,
    at: str = "predict",
    quietly: bool = False,
    says: str = "",
) -> Row:
    """Return a row of the task ``code``.

    Args:
        id: As in ``Row``, as are ``vector``, ``expected`` and ``says``.
        vector: See there.
        text: As ``does`` takes it, with ``at`` and ``quietly``.
        expected: See there.
        by: The row's ``defence``.
        at: See there.
        quietly: See there.
        says: See there.
    """
    return Row(
        id=id,
        vector=vector,
        defence=by,
        expected=frozenset(expected),
        make=does(text, at=at, quietly=quietly),
        task="code",
        says=says,
    )


def honest(folder: Path, targets: Targets) -> None:
    """Hand in code that does nothing but build a model."""
    does("def attack(): pass")(folder, targets)


def _constants(targets: Targets) -> str:
    named = {
        "MARKER": str(targets.marker),
        "SECRET": str(targets.secret),
        "LABELS": str(targets.labels),
        "PORT": targets.port,
        "SOCKET": str(targets.socket),
    }
    return "".join(f"{name} = {value!r}\n" for name, value in named.items()) + "\n"


@functools.cache
def _saved(name: str) -> bytes:
    """Return the model that the code builds, or its weights.

    It recognises the patterns.
    """
    names: dict[str, Any] = {"__name__": "source"}
    text = _START + "def attack(): pass\n" + _MODEL.format(at="predict")
    exec(compile(text, "source.py", "exec"), names)  # noqa: S102 - our own text
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        model = names["build_model"]()
        model.get_layer("digit").set_weights([patterns().T / 8, np.zeros(10)])
        (model.save if path.suffix == ".keras" else model.save_weights)(path)
        return path.read_bytes()
