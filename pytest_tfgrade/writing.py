"""Reports from grades to files, and to where a CI system looks for them."""

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_tfgrade.core.errors import RunnerError, UsageError
from pytest_tfgrade.core.grade import Gradebook
from pytest_tfgrade.core.text import printable
from pytest_tfgrade.documents import suggestion
from pytest_tfgrade.languages import LANGUAGES
from pytest_tfgrade.reports import FORMATS, Audience, ReportFormat, Request
from pytest_tfgrade.reports.in_language import in_language
from pytest_tfgrade.reports.interface import Destination, PlatformFile, ReportFile
from pytest_tfgrade.settings import Settings

CANONICAL: Final = "json"
"""The report that is always written: all others can be made of it."""

USUAL: Final = (CANONICAL, "csv", "totals", "junit")
"""Built-in reports that are written if none is named."""

GRADESCOPE_METADATA: Final = Path("/autograder/submission_metadata.json")
"""Where Gradescope says whose submission it wants to have graded."""

MOST_BYTES: Final = 64 << 20
"""Of a platform's file; an export of ten thousand students takes a few MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Which reports are to be written, and of what."""

    formats: Mapping[str, ReportFormat]
    """By name."""

    request: Request
    """What was asked of them."""

    folder: Path
    """Where they go."""

    @property
    def names(self) -> str:
        """What is written, for people."""
        named = (
            report.file_name if "." in report.file_name else f"{report.file_name}/"
            for report in self.formats.values()
        )
        return ", ".join(named)


def ordered(settings: Settings, known: Mapping[str, ReportFormat]) -> Order | None:
    """Return what the options of a run ask for; None for nothing.

    Raises:
        UsageError: They ask for what there is not, or do not go together.
    """
    if settings.report is None:
        _require_no_reports(settings)
        return None
    formats = chosen(settings.formats, known, "--tfgrade-format")
    return Order(
        formats=formats,
        request=Request(
            language=known_language(settings.language, "--tfgrade-lang"),
            fill=platform_file(settings.fill, "--tfgrade-fill"),
            column=settings.column,
            metadata=platform_file(_existing(GRADESCOPE_METADATA), "Gradescope's"),
            pages=pages_among(formats, settings.report),
        ),
        folder=writable(settings.report, "--tfgrade-report"),
    )


def _require_no_reports(settings: Settings) -> None:
    given = {
        "--tfgrade-format": settings.formats,
        "--tfgrade-fill": settings.fill,
        "--tfgrade-column": settings.column,
    }
    for flag, value in given.items():
        if value:
            text = f"{flag}: no report is written; add --tfgrade-report=DIR"
            raise UsageError(text)


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def known_language(tag: str, flag: str) -> str:
    """Return the tag of a language, if it is one.

    Texts of rubrics may be in any; what there is no catalogue for stays in English.

    Raises:
        UsageError: It is none.
    """
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
        return tag
    shown = printable(tag, limit=40)
    remedy = f"write a tag, as {' or '.join(LANGUAGES)}"
    raise UsageError(f"{flag} {shown}: is no language; {remedy}")


def writable(folder: Path, flag: str) -> Path:
    """Return a folder's whole path; it is made, and tried.

    Raises:
        UsageError: It cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        text = f"{flag} {folder}: cannot be written to; {error.strerror}"
        raise UsageError(text) from None
    return folder.absolute()


_WORKSPACES: Final = ("CI_PROJECT_DIR", "WORKSPACE")
"""Variables of GitLab and Jenkins: what paths of attachments begin from."""


def pages_among(formats: Mapping[str, ReportFormat], folder: Path) -> str | None:
    """Return where candidates' pages will lie; None if not where a CI system looks.

    It looks below the folder that its variable names; without one, below this.
    """
    pages = formats.get("html")
    if pages is None:
        return None
    begin = next(filter(None, map(os.environ.get, _WORKSPACES)), os.curdir)
    path = Path(os.path.relpath(folder / pages.file_name, begin))
    return None if path.is_absolute() or ".." in path.parts else path.as_posix()


def chosen(
    names: Sequence[str], known: Mapping[str, ReportFormat], flag: str
) -> dict[str, ReportFormat]:
    """Return the reports that are named, ``grades.json`` first; the usual if none is.

    Args:
        names: As they were given.
        known: All that there are, by name.
        flag: The option that they were given with.

    Raises:
        UsageError: There is no report of a name; with all of these.
    """
    if not names:
        usual = {name: known[name] for name in USUAL}
        added = {name: known[name] for name in known if name not in FORMATS}
        return {**usual, **added}
    wrong = [
        f"{flag} {printable(name, limit=80)}: no such report; {suggestion(name, known)}"
        for name in names
        if name not in known
    ]
    if wrong:
        raise UsageError("\n".join(wrong))
    return {name: known[name] for name in dict.fromkeys((CANONICAL, *names))}


def platform_file(path: Path | None, flag: str) -> PlatformFile | None:
    """Read a file of a platform's; None if there is none to be read.

    Raises:
        UsageError: It cannot be read, is too large, or is no text in UTF-8.
    """
    if path is None:
        return None
    where = f"{flag} {printable(str(path))}"
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        text = f"{where}: cannot be read: {error.strerror}"
        raise UsageError(f"{text}; give the file as it was exported") from None
    if len(content) > MOST_BYTES:
        raise UsageError(f"{where}: larger than {MOST_BYTES >> 20} MiB; give an export")
    try:
        return PlatformFile(name=printable(str(path)), text=content.decode())
    except UnicodeDecodeError as error:
        text = f"{where}: byte {error.start + 1} is no UTF-8"
        raise UsageError(f"{text}; export it again, as CSV in UTF-8") from None


def rehearse(order: Order, gradebook: Gradebook) -> None:
    """Find out before anything is graded whether reports can be made.

    Args:
        order: What is to be written.
        gradebook: All submissions; what was graded of them does not matter.

    Raises:
        UsageError: A report needs something else than was asked for; with all of these.
    """
    problems = list(_language_problems(order.request.language, gradebook))
    bare = tuple(replace(grade, tasks=(), whole=False) for grade in gradebook.grades)
    nothing = replace(gradebook, grades=bare)
    for name, report in order.formats.items():
        if name not in FORMATS or name in USUAL:
            continue  # they need nothing; a plug-in's is not ready for empty grades
        try:
            for _ in report.render(nothing, order.request):
                pass
        except UsageError as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))


def _language_problems(tag: str, gradebook: Gradebook) -> Iterator[str]:
    """Yield what is wrong with a language that nothing at all is written in."""
    known = sorted({*LANGUAGES, *_languages(gradebook)})
    wider = tag.casefold().partition("-")[0]
    if {tag.casefold(), wider}.isdisjoint(map(str.casefold, known)):
        what = f"language {tag}: neither the grader nor a rubric has texts in it"
        yield f"{what}; {suggestion(tag, known)}"


def _languages(gradebook: Gradebook) -> Iterator[str]:
    """Yield the languages of what rubrics and the exam say."""
    texts = [gradebook.titles]
    for outline in gradebook.outlines.values():
        texts += [outline.title, outline.description]
        for rule in outline.criteria.values():
            texts += [rule.title, rule.hint]
    for text in texts:
        yield from () if text is None else filter(None, text.texts)


def write_reports(gradebook: Gradebook, order: Order) -> None:
    """Write reports, each file whole or not at all.

    Raises:
        RunnerError: A report failed, or a file of it could not be written; the others
            are written.
    """
    translated = in_language(gradebook, order.request.language)
    failed = []
    for name, report in order.formats.items():
        for_people = report.audience is Audience.CANDIDATE
        grades = translated if for_people else gradebook
        try:
            for file in report.render(grades, order.request):
                _write(file, order.folder)
        except (OSError, UsageError) as error:
            failed.append(f"the report {name!r} was not written: {error}")
        except Exception:  # a plug-in's report may raise anything
            failed.append(f"the report {name!r} failed:\n{traceback.format_exc()}")
    if failed:
        raise RunnerError("\n".join(failed))


def _write(file: ReportFile, folder: Path) -> None:
    """Write a file of a report to its place, and where else it goes."""
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(file.text)
        unfinished.replace(target)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    _pass_on(target, file.destination)


def _pass_on(written: Path, destination: Destination) -> None:
    """Hand a report to the CI system that runs this, if it is the one it is for."""
    match destination:
        case Destination.NOWHERE:
            return
        case Destination.LOG:
            if os.environ.get("GITHUB_ACTIONS") == "true":
                sys.stdout.write(f"\n{written.read_text('utf-8')}")
                sys.stdout.flush()
        case Destination.GITHUB_OUTPUT | Destination.GITHUB_STEP_SUMMARY:
            place = os.environ.get(destination.value)
            if place:
                with Path(place).open("a", encoding="utf-8", newline="") as opened:
                    opened.write(written.read_text("utf-8"))
