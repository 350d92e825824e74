"""What graders should know of how submissions were taken in: nothing is silent."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_tfgrade.core.submission import Clock, HandedIn, Submission
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.engine.intake.gathering import Gathered
from pytest_tfgrade.engine.intake.merging import Choice, Part
from pytest_tfgrade.engine.intake.parts import Parts
from pytest_tfgrade.engine.intake.roster import Roster
from pytest_tfgrade.engine.intake.said import Naming
from pytest_tfgrade.rubric.handing_in import HandingIn, Platform

_MOST_NAMED: Final = 5
_MOST_CHOICES: Final = 20

_CALLED: Final = {
    Platform.MOODLE: "Moodle",
    Platform.CANVAS: "Canvas",
    Platform.GRADESCOPE: "Gradescope",
    Platform.GITHUB_CLASSROOM: "GitHub Classroom",
}


def notices_of(
    taken: Gathered,
    found: Parts,
    naming: Naming | None,
    rules: HandingIn,
    roster: Roster | None,
) -> tuple[str, ...]:
    """Return what was decided, a line for each; printable."""
    lines = [
        *_of_names(found, naming),
        *_of_choices(taken.choices),
        *_of_times(taken.submissions, rules),
        *_of_roster(taken, roster),
    ]
    return tuple(printable(line) for line in lines)


def _of_names(found: Parts, naming: Naming | None) -> Iterator[str]:
    if naming is None:
        return
    name = _CALLED[naming.platform]
    if naming.detected:
        called = f" (assignment {naming.assignment!r})" if naming.assignment else ""
        text = f"names are read as those of a download from {name}{called}"
        yield f"{text}; if they are not, write 'candidates' in the exam file"
    if found.unread:
        text = f"not as {name} names a download, and taken as they are"
        yield f"{text}: {listed(found.unread)}"


def _of_choices(choices: Sequence[tuple[str, Choice]]) -> Iterator[str]:
    for id_, choice in choices[:_MOST_CHOICES]:
        dropped = ", ".join(map(_file, choice.dropped))
        kept = ", ".join(map(_file, choice.kept))
        yield f"{id_}, {choice.task}: {kept} counts, not {dropped}"
    if len(choices) > _MOST_CHOICES:
        more = len(choices) - _MOST_CHOICES
        yield f"handed in more than once: {more} more, see set_aside in grades.json"


def _file(pair: tuple[Part, HandedIn]) -> str:
    """Name a file, and what decided."""
    part, file = pair
    stamp = part.said.stamp or file.stamp
    reasons = []
    if part.said.attempt:
        reasons.append(f"attempt {part.said.attempt}")
    if stamp:
        reasons.append(str(stamp))
    reason = f" ({', '.join(reasons)})" if reasons else ""
    whole = file.name if part.is_flat else f"{part.entry}: {file.name}"
    if file.name.startswith(f"{part.entry}/"):
        whole = file.name
    return whole + reason


def _of_times(submissions: Sequence[Submission], rules: HandingIn) -> Iterator[str]:
    late = [submission.id for submission in submissions if submission.late]
    if late:
        yield f"late: {listed(late)}"
    if rules.due is None:
        return
    clocks = {s.handed_in.clock for s in submissions if s.handed_in}
    if Clock.FILE in clocks:
        what = "when files on this disk were last changed tells when they were handed "
        yield f"{what}in; copying and downloading may change that"
    if Clock.ZIP in clocks:
        yield (
            "times in what was downloaded tell when files were handed in; Canvas and "
            "Moodle write those of the download, and Gradescope's count as the "
            "platform's own if the exam file says 'candidates: gradescope'"
        )
    unknown = [s.id for s in submissions if s.found and s.late is None]
    if unknown:
        yield f"nothing tells when these were handed in: {listed(unknown)}"


def _of_roster(taken: Gathered, roster: Roster | None) -> Iterator[str]:
    if roster is None:
        return
    yield from roster.notices
    others = [s.id for s in taken.submissions if s.on_roster is False]
    if others:
        yield f"not on the roster, and graded all the same: {listed(others)}"
    if taken.absent:
        count = f"{len(taken.absent)} of {len(roster.people)} on the roster"
        yield f"handed in nothing, {count}: {listed(taken.absent)}"


def listed(names: Iterable[str]) -> str:
    """Return a few of many names.

    >>> listed("abc"), listed("abcdefgh")
    ('a, b, c', 'a, b, c, d, e and 3 more')
    """
    all_ = list(names)
    more = len(all_) - _MOST_NAMED
    shown = ", ".join(all_[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
