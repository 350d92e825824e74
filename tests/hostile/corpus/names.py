"""Honest models under names, and with messages, that attack whoever shows them."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from course import patterns
from programs import coded
from rows import OK, Row, Targets

Make = Callable[[Path, Targets], None]

STEERING = (
    "\x1b[31m\x1b[2J\x1b]8;;http://evil.test\x07here\x1b]8;;\x07"
    "\x1b]52;c;Y2FuYXJ5\x07\x1bP+q\x1b\\\x9b31m\x9d52;c;YQ==\x9c"
)
"""Colours, a cleared screen, a link (OSC 8), the clipboard (OSC 52); with C1, too."""

LINES = "\r\n::add-mask::passed\n##[group]x\n##vso[task.complete result=Succeeded]\n"
"""Ends of lines, and commands to GitHub and Azure at their beginnings."""

SPOOFED = "\u202egnp.\u202c\u200b\u200d\u2066\ufeff\u2028\u2029\x00\x07\x08\x7f"
"""What turns, hides and ends text."""

MARKUP = "<script>alert(1)</script>]]><!--&amp;\"'"

FORMULA = '=HYPERLINK("http://evil.test","alice");@SUM(1)\t=1'

EVERYTHING = STEERING + LINES + SPOOFED + MARKUP + FORMULA

"""All of it; a message may hold what no name of a file can."""

ON_DISK = {
    "J01-markup": "<script>alert(1)<\u2044script>",
    "J01-formula": '=HYPERLINK("http:\u2044\u2044evil.test")',
    "J01-formula-plus": "+1+1",
    "J01-formula-minus": "-1+1",
    "J01-formula-at": "@SUM(1)",
    "J01-formula-tab": "\t=1+1",
    "J01-formula-second": "alice;=1+1",
    "J01-cdata": "a]]>b",
    "J01-long": "x" * 255,
    "J01-node-id": "a::b[c]",
    "J02-escape": "\x1b[31m\x1b[2Jred",
    "J02-link": "\x1b]8;;x\x07here\x1b]8;;\x07",
    "J02-clipboard": "\x1b]52;c;Y2FuYXJ5\x07",
    "J02-c1": "\x9b31m\x9d52;c;YQ==\x9c\x85",
    "J02-newline": "alice\nalice::digits::contract PASSED\r",
    "J02-turned": "\u202eecila",
    "J02-invisible": "al\u200bice\u3164\ufe0f",
    "J02-not-utf-8": "al\udcffice\udc9b31m",
    "J02-github": "::add-mask::passed",
    "J02-azure": "##vso[task.complete result=Succeeded]",
    "J04-unicode": "J\u00f6rg \u6728\u6751 \U0001f600 \u0645\u062d\u0645\u062f",
    "J04-composed": "Ren\u00e9e",
    "J04-decomposed": "Zoe\u0308",
    "J04-capitals": "RENE",
    "J04-small": "rene",
    "J04-blanks": "  Ada  Lovelace ",
    "J04-dashes": "-rf",
    "J04-option": "--tfgrade-sandbox=off",
    "J04-reserved": "CON.aux",
    "J04-dots": "a..b..",
    "J04-glob": "[!a]*?{b,c}",
    "J04-percent": "%2e%2e%00 %s {0}",
    "J04-expression": "x and not y",
}
"""Names of folders of candidates, by row."""


def _honest(folder: Path, targets: Targets) -> None:
    del targets
    (folder / "digits.keras").write_bytes(_model("flat", "digit"))


def _layers(folder: Path, targets: Targets) -> None:
    del targets
    texts = (STEERING + LINES, SPOOFED + MARKUP + FORMULA)
    names = (text.replace("/", "\u2044").replace("\0", "") for text in texts)
    (folder / "digits.keras").write_bytes(_model(*names))


def _files(folder: Path, targets: Targets) -> None:
    _honest(folder, targets)
    for text in (STEERING, LINES, SPOOFED, MARKUP, FORMULA, "-rf", "al\udcffice"):
        name = text.replace("/", "\u2044").replace("\0", "")
        for path in (folder / f"{name}.keras", folder / name / "other.keras"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"PK")


@functools.cache
def _model(flat: str, last: str) -> bytes:
    """Return a ``.keras`` file that recognises the patterns; names are of layers."""
    from keras import Input, Sequential, layers

    dense = layers.Dense(10, activation="softmax", name=last)
    model = Sequential([Input((8, 8)), layers.Flatten(name=flat), dense])
    dense.set_weights([patterns().T / 8, np.zeros(10)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.keras"
        model.save(path)
        return path.read_bytes()


def _named(id: str, name: str) -> Row:  # noqa: A002 - as the row calls it
    return Row(
        id=id,
        vector="a name of 255" if len(name) > 99 else f"a folder called {name!a}",
        defence="names are escaped for each place where they are shown",
        expected=frozenset({OK}),
        make=_honest,
        candidate=name,
    )


def _within(id: str, vector: str, make: Make) -> Row:  # noqa: A002 - the same
    return Row(
        id=id,
        vector=vector,
        defence="names are escaped for each place where they are shown",
        expected=frozenset({OK}),
        make=make,
    )


_SAYS = f"""
def attack():
    print({EVERYTHING!r}, flush=True)
    print({EVERYTHING!r}, file=sys.stderr, flush=True)
    raise ValueError({EVERYTHING!r})
"""

_FOR_GRADERS = "what a model says is for graders alone, escaped line by line"

ROWS = (
    *(_named(id_, name) for id_, name in ON_DISK.items()),
    _within("J02-layers", "layers have names that steer a terminal", _layers),
    _within("J02-files", "files and folders beside the model have such names", _files),
    coded(
        "J02-raised", "prints and raises such texts", _SAYS, "E_LOAD", by=_FOR_GRADERS
    ),
    coded(
        "J02-raised-at-import",
        "does so when its module is imported",
        _SAYS,
        "E_LOAD",
        by=_FOR_GRADERS,
        at="import",
    ),
)
