"""The page of one submission with everything that a grader may see."""

from collections.abc import Iterator
from dataclasses import fields

from pytest_tfgrade.core.grade import Grade, Gradebook
from pytest_tfgrade.core.localized import DEFAULT
from pytest_tfgrade.core.submission import Person
from pytest_tfgrade.reports.html.cohort_words import address, anchor, fixed
from pytest_tfgrade.reports.html.pages import page
from pytest_tfgrade.reports.notes import NOT_ISOLATED


def submission_page(
    gradebook: Gradebook,
    grade: Grade,
    *,
    before: str | None = None,
    after: str | None = None,
) -> Iterator[str]:
    """Yield the page in parts.

    Args:
        gradebook: What the grade is of.
        grade: The grade.
        before: The submission before it; None of the first.
        after: The submission after it; None of the last.
    """
    yield from page(
        "cohort_submission.html",
        DEFAULT,
        gradebook=gradebook,
        grade=grade,
        before=before,
        after=after,
        not_isolated=NOT_ISOLATED,
        address=address,
        anchor=anchor,
        fixed=fixed,
        described=described,
        one_by_one=one_by_one,
    )


def described(person: Person) -> str:
    """Say what is known of a person.

    >>> described(Person(name="Anna", email="a@example.org", section="2"))
    'Anna, a@example.org, section 2'
    """
    unnamed = {"name", "email"}
    known = ((field.name, getattr(person, field.name)) for field in fields(person))
    named = {name: text for name, text in known if text}
    plain = [named[name] for name in ("name", "email") if name in named]
    others = [f"{name} {text}" for name, text in named.items() if name not in unnamed]
    return ", ".join((*plain, *others))


def one_by_one(detail: str) -> str:
    """Return the lines of a detail, as ``grades.json`` tells them apart."""
    return "\n".join(detail.rstrip().splitlines())
