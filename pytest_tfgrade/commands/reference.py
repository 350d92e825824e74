"""The reference of all that rubrics can name, the same in the docs."""

from dataclasses import dataclass

from pytest_tfgrade.commands.keys import KEYS, RULES, SCALES
from pytest_tfgrade.commands.page import Page
from pytest_tfgrade.commands.pages import (
    change_page,
    check_page,
    code_page,
    metric_page,
    predictor_page,
    rule_page,
)
from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.predictors import PREDICTORS
from pytest_tfgrade.rubric import Vocabulary
from pytest_tfgrade.transforms import TRANSFORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Names of one kind."""

    title: str
    """The kind, in the plural."""

    about: str
    """Where such names are written; double backticks around what is literal."""

    pages: tuple[Page, ...]
    """In the order of the reference."""


def sections(vocabulary: Vocabulary) -> tuple[Section, ...]:
    """Return the whole reference, with the checks and metrics of plug-ins."""
    metrics = dict.fromkeys(vocabulary.metrics.values())
    return (
        Section(
            title="checks",
            about="What a criterion asks: ``check: NAME``.",
            pages=tuple(map(check_page, vocabulary.checks.values())),
        ),
        Section(
            title="metrics",
            about="Measures of predictions against targets: ``metric: NAME``.",
            pages=tuple(map(metric_page, metrics)),
        ),
        Section(
            title="predictors",
            about="Models that learned next to nothing: in ``selftest: predictors:``, "
            "and ``predictor: NAME`` of ``predict.baseline``.",
            pages=tuple(map(predictor_page, PREDICTORS.values())),
        ),
        Section(
            title="changes",
            about="Changes of inputs: ``change: {NAME: ...}`` of "
            "``predict.transform``. The first parameter may be written alone.",
            pages=tuple(change_page(*item) for item in TRANSFORMS.items()),
        ),
        Section(
            title="scales",
            about="How a measured value becomes points: a key of the criterion.",
            pages=SCALES,
        ),
        Section(
            title="group rules",
            about="How the points of members become those of a group: ``group: NAME``.",
            pages=tuple(map(rule_page, RULES)),
        ),
        Section(
            title="keys",
            about="What criteria and groups, rubrics and the exam file are made of.",
            pages=KEYS,
        ),
        Section(
            title="codes",
            about="Why a task has no score, in reports.",
            pages=tuple(map(code_page, Code)),
        ),
    )


def found(name: str, vocabulary: Vocabulary) -> list[Page]:
    """Return the pages of a name; more than one where kinds share it."""
    metric = vocabulary.metrics.get(name)
    names = {name, name.upper(), *([metric.name] if metric else [])}
    return [
        page
        for section in sections(vocabulary)
        for page in section.pages
        if page.name in names
    ]


def known_names(vocabulary: Vocabulary) -> list[str]:
    """Return every name that has a page."""
    named = [page.name for section in sections(vocabulary) for page in section.pages]
    return list(dict.fromkeys([*named, *vocabulary.metrics]))
