"""What one candidate handed in as a zip, or in zips in a folder."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import RunnerError, Ungradable
from pytest_tfgrade.core.submission import FolderFault, Submission
from pytest_tfgrade.core.text import identifier, printable
from pytest_tfgrade.engine.file_names import are_firm, least_doubtful
from pytest_tfgrade.engine.intake.places import Kind, Place
from pytest_tfgrade.engine.intake.zip_listing import BadZip
from pytest_tfgrade.engine.submission_folder import DEEPEST, Asked, is_ignored, look

MOST_ZIPS: Final = 20
"""In one candidate's folder; what comes later is not opened."""


def look_through(name: str, folder: Place, asked: Asked) -> Submission:
    """Return what lies in a candidate's folder, and in zips in it.

    What lies outside of zips goes before what lies in them. A zip that bears the name
    of a task is that task's artifact and stays closed.

    Args:
        name: Of the candidate.
        folder: Where it lies.
        asked: What is looked for.
    """
    zips: list[str] = []
    found = look(name, folder, asked, zips)
    open_tasks = [t for t in asked.names if not are_firm(found.found.get(t, ()))]
    if not zips or not open_tasks:
        return found
    if not folder.may_open_zips:
        return found if found.found else replace(found, fault=_too_deep(zips[0]))
    inner = {z: look_into_zip(name, folder, z, asked) for z in zips[:MOST_ZIPS]}
    return _with_inner(found, inner, open_tasks)


def look_into_zip(name: str, folder: Place, zip_: str, asked: Asked) -> Submission:
    """Return what lies in a zip, or why that cannot be told.

    If all of it lies in one folder, that is looked into: so do zips of a folder look.

    Args:
        name: Of the candidate.
        folder: Where the zip lies.
        zip_: Its path there.
        asked: What is looked for.
    """
    shown = printable(zip_)
    try:
        place = folder.opened_zip(zip_)
    except BadZip as finding:
        text, hint = f"{shown} {finding.what}", finding.remedy
        fault = FolderFault(code=Code.FORMAT, text=text, hint=hint)
    except Ungradable as finding:
        text, hint = finding.rationale, finding.hint
        fault = FolderFault(code=finding.code, text=text, hint=hint)
    except RunnerError as error:
        fault = FolderFault(code=Code.INFRA, text=printable(str(error)))
    else:
        found = _unwrapped(name, place, asked)
        others = tuple(f"{shown}/{other}" for other in found.others)
        return replace(found, others=others)
    return Submission(id=identifier(name), found={}, fault=fault)


def only_folder(place: Place) -> str | None:
    """Return the one folder that everything lies in, if so."""
    own = [entry for entry in place.entries() if not is_ignored(entry.name)]
    one = own[0] if len(own) == 1 else None
    return one.name if one and one.kind is Kind.FOLDER else None


def _unwrapped(name: str, place: Place, asked: Asked) -> Submission:
    """Return what lies in a zip, or else in the one folder that all of it lies in."""
    found = look_through(name, place, asked)
    for _ in range(DEEPEST):
        only = only_folder(place)
        if found.found or only is None:
            break
        place = place.below(only)
        found = look_through(name, place, asked)
    return found


def _too_deep(zip_: str) -> FolderFault:
    text = f"{printable(zip_)} is a zip in a zip, which is not opened"
    return FolderFault(code=Code.FORMAT, text=text, hint="Zip the files alone.")


def _with_inner(
    found: Submission, inner: Mapping[str, Submission], open_tasks: list[str]
) -> Submission:
    """Return what lies in a folder, with what zips in it hold of other tasks."""
    files = dict(found.found)
    sources = dict(found.sources)
    others = list(found.others)
    for zip_, one in inner.items():
        for task in one.found.keys() & set(open_tasks):
            files[task] = (*files.get(task, ()), *one.found[task])
        for task, more in one.sources.items():
            if task not in found.sources:
                sources[task] = (*sources.get(task, ()), *more)
        if one.found or one.others:
            others.remove(printable(zip_))
        others += one.others
    faults = [one.fault for one in (found, *inner.values()) if one.fault]
    return replace(
        found,
        found={
            t: least_doubtful(files[t]) for t in dict.fromkeys((*found.found, *files))
        },
        sources=sources,
        others=tuple(others),
        fault=next(iter(faults), None),
    )
