"""From parts to candidates: who is who, also by the roster."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from pytest_tfgrade.core.errors import SubmissionsError
from pytest_tfgrade.core.submission import Person, Submission
from pytest_tfgrade.core.text import identifier, printable
from pytest_tfgrade.engine.intake.joining import Ambiguous, Join
from pytest_tfgrade.engine.intake.merging import Choice, Part, merged, with_times
from pytest_tfgrade.engine.intake.parts import Parts, one_form
from pytest_tfgrade.engine.intake.roster import Listed, Roster
from pytest_tfgrade.engine.intake.said import Said
from pytest_tfgrade.rubric.handing_in import Duplicates, HandingIn, Platform

_Key = tuple[tuple[Listed, ...], str, str]
"""People of the roster, else the name; and the platform's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All candidates, and what had to be decided."""

    submissions: tuple[Submission, ...]
    """By id."""

    choices: tuple[tuple[str, Choice], ...]
    """By candidate: what counts of what was handed in more than once."""

    absent: tuple[str, ...] = ()
    """Who stands on the roster and handed in nothing."""


def gathered(
    found: Parts,
    rules: HandingIn,
    roster: Roster | None,
    platform: Platform | None,
    *,
    twice: Callable[[str, Sequence[Part]], SubmissionsError],
) -> Gathered:
    """Return the submissions of everybody.

    Args:
        found: What was handed in.
        rules: What the exam says.
        roster: Everybody who could hand in.
        platform: Whose names these are.
        twice: Returns what to raise for a candidate who may be two.

    Raises:
        SubmissionsError: Somebody may be several of the roster, or is two.
    """
    groups = _groups(found.parts, Join(roster))
    _require_one_each(groups, roster)
    ids = _ids(groups)
    is_sure = rules.pattern is None
    rule = rules.duplicates or (Duplicates.LATEST if is_sure else Duplicates.REFUSE)
    submissions: dict[str, Submission] = {}
    choices: list[tuple[str, Choice]] = []
    for key, parts in groups.items():
        id_ = ids[key]
        whole = [part for part in parts if not part.is_flat]
        if len(whole) > 1 and not is_sure and rules.duplicates is None:
            raise twice(id_, whole)
        submission, chosen = merged(id_, parts, rule)
        submission = with_times(submission, parts, rules.due)
        submissions[id_] = _with_people(submission, key[0], parts, roster)
        choices += [(id_, choice) for choice in chosen]
    _give_away(found.strays, submissions, roster)
    _add_sources(found, submissions)
    absent = _absent(groups, roster, platform, submissions)
    submissions |= {submission.id: submission for submission in absent}
    return Gathered(
        submissions=tuple(sorted(submissions.values(), key=lambda s: s.id)),
        choices=tuple(choices),
        absent=tuple(submission.id for submission in absent),
    )


def _groups(parts: Iterable[Part], join: Join) -> dict[_Key, list[Part]]:
    """Return what each candidate handed in.

    Raises:
        SubmissionsError: With everybody who may be several of the roster.
    """
    groups: dict[_Key, list[Part]] = {}
    problems = {}
    for part in parts:
        try:
            people = join.people(part.said)
        except Ambiguous as finding:
            problems[part.entry] = _may_be_several(part, finding)
            continue
        name = "" if people else part.said.candidate
        groups.setdefault((people, name, part.said.number), []).append(part)
    if problems:
        raise SubmissionsError("\n".join(problems.values()))
    return groups


def _may_be_several(part: Part, finding: Ambiguous) -> str:
    lines = " and ".join(str(listed.line) for listed in finding.found)
    who = printable(finding.found[0].person.name or part.said.candidate, limit=80)
    text = f"{part.entry}: is of {who!r}, who may be each of the lines {lines} of the "
    return f"{text}roster; add a column with what tells them apart in names of files"


def _require_one_each(groups: Mapping[_Key, list[Part]], roster: Roster | None) -> None:
    """Raise if two whom the platform tells apart are the same line of the roster."""
    seen: dict[Listed, tuple[str, str]] = {}
    problems = []
    for (people, _, number), parts in groups.items():
        for listed in people:
            first = seen.setdefault(listed, (number, parts[0].entry))
            if first[0] != number and roster is not None:
                where = f"{roster.path}:{listed.line}"
                two = f"{first[1]} and {parts[0].entry}"
                what = f"{two} are of two, and both fit this line"
                problems.append(f"{where}: {what}; add the line of the other")
    if problems:
        raise SubmissionsError("\n".join(problems))


def _ids(groups: Mapping[_Key, list[Part]]) -> dict[_Key, str]:
    """Return an id for everybody: the name, with the number where two bear it."""
    plain = {key: identifier(parts[0].said.candidate) for key, parts in groups.items()}
    bearers: dict[str, int] = {}
    for id_ in plain.values():
        bearers[id_] = bearers.get(id_, 0) + 1
    taken = {id_ for id_, count in bearers.items() if count == 1}
    ids = {}
    for key, id_ in plain.items():
        name = id_
        if bearers[id_] > 1:
            name = _free(f"{id_}_{identifier(key[2])}" if key[2] else id_, taken)
            taken.add(name)
        ids[key] = name
    return ids


def _free(name: str, taken: set[str]) -> str:
    """Return a name, with a number behind it if it is taken."""
    count, free = 1, name
    while free in taken:
        count += 1
        free = f"{name}_{count}"
    return free


def _with_people(
    submission: Submission,
    listed: Sequence[Listed],
    parts: Sequence[Part],
    roster: Roster | None,
) -> Submission:
    claims = parts[-1].said.people
    people = tuple(one.person for one in listed) or claims
    if len(people) == len(claims) == 1:
        people = (_completed(people[0], claims[0]),)
    on_roster = bool(listed) if roster else None
    return replace(submission, people=people, on_roster=on_roster)


def _completed(person: Person, claim: Person) -> Person:
    """Return somebody with what only the platform knows."""
    blank = [f.name for f in fields(Person) if not getattr(person, f.name)]
    return replace(person, **{name: getattr(claim, name) for name in blank})


def _give_away(
    strays: Sequence[tuple[str, str]],
    submissions: dict[str, Submission],
    roster: Roster | None,
) -> None:
    """Add models of no task to the submissions of those whom their names speak of."""
    for candidate, name in strays:
        owner = _owner(identifier(candidate), submissions, roster)
        submissions[owner.id] = replace(owner, others=(*owner.others, printable(name)))


def _owner(
    name: str, submissions: Mapping[str, Submission], roster: Roster | None
) -> Submission:
    """Return the submission whose id a name begins with, or a new one of that name."""
    parts = name.split("_")
    begins = ("_".join(parts[:count]) for count in range(len(parts), 0, -1))
    known = next((begin for begin in begins if begin in submissions), None)
    if known:
        return submissions[known]
    return Submission(id=name, found={}, on_roster=False if roster else None)


def _add_sources(found: Parts, submissions: dict[str, Submission]) -> None:
    """Add code that lies beside to those who are known."""
    for candidate, task, file in found.sources:
        known = submissions.get(identifier(candidate))
        if known:
            sources = {**known.sources}
            sources[task] = (*sources.get(task, ()), file)
            submissions[known.id] = replace(known, sources=sources)


def _absent(
    groups: Mapping[_Key, object],
    roster: Roster | None,
    platform: Platform | None,
    submissions: Mapping[str, Submission],
) -> list[Submission]:
    """Return a submission without files for everybody else on the roster."""
    there = {listed for people, _, _ in groups for listed in people}
    taken = {*submissions}
    absent = []
    for listed in roster.people if roster else ():
        if listed not in there:
            id_ = _free(identifier(_called(listed.person, platform)), taken)
            taken.add(id_)
            absent.append(
                Submission(id=id_, found={}, people=(listed.person,), on_roster=True)
            )
    return absent


def _called(person: Person, platform: Platform | None) -> str:
    """Return what somebody's submission would be called."""
    names = {
        Platform.MOODLE: person.name,
        Platform.CANVAS: "".join(c for c in person.name.casefold() if c.isalnum()),
        Platform.GRADESCOPE: person.email,
        Platform.GITHUB_CLASSROOM: person.github,
    }
    known = names[platform] if platform else ""
    own = (person.id, person.login, person.github, person.email, person.name)
    return one_form(known or next(filter(None, own), person.number))


def of_one(
    submission: Submission, rules: HandingIn, roster: Roster | None
) -> Submission:
    """Return the submission of the one candidate whose folder was given.

    Raises:
        SubmissionsError: The candidate may be several of the roster.
    """
    said = Said(candidate=submission.id)
    part = Part(entry=submission.id, said=said, submission=submission)
    ((people, _, _),) = _groups([part], Join(roster))
    timed = with_times(submission, [part], rules.due)
    return _with_people(timed, people, [part], roster)
