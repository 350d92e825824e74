"""What becomes of the problems that the reader reports, and of answers it may not give.

The reader is the confined process that opens what candidates saved. It names a problem
by a word; each format has a table of what its words mean.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.core.text import printable


class Problem(NamedTuple):
    """What a problem means for the artifact."""

    code: Code
    """``E_FORMAT`` or ``E_LOAD``."""

    rationale: str
    """What the candidate reads; ``{}`` or ``{!r}`` stands for what the reader names."""

    hint: str | None = None
    """The way out, if it is not that of the code."""


Problems = Mapping[str, Problem]
"""By the reader's word for each."""


def require_none(found: Iterable[object], known: Problems) -> None:
    """Raise for the first problem that the reader reports.

    What it names stands in the rationale if that has a place for it, else in the
    detail: then it is of use to graders only.

    Args:
        found: ``[word, what]`` for each.
        known: What the words mean.

    Raises:
        Ungradable: As the table has it; ``E_PROTOCOL`` for a word that is not in it,
            and for an answer of another form.
    """
    for problem in found:
        match problem:
            case [str(word), str(what)] if word in known:
                code, rationale, hint = known[word]
                text = rationale.format(printable(what, limit=120))
                detail = None if "{" in rationale else printable(what)
                raise Ungradable(code, text, hint=hint, detail=detail)
            case _:
                raise unexpected(f"problem {problem!r}")


def unexpected(what: str) -> Ungradable:
    """Return what to raise for an answer of another form.

    Args:
        what: The part that is not as it should be; it may hold anything.
    """
    detail = f"the reader returned something unexpected: {printable(what)}"
    return Ungradable(Code.PROTOCOL, detail=detail)
