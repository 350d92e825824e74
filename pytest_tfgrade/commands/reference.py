"""The reference of all that rubrics can name, the same in the docs."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from pytest_tfgrade.commands.format_pages import FORMATS, REPAIRS
from pytest_tfgrade.commands.inner_keys import INNER_KEYS
from pytest_tfgrade.commands.inner_pages import LAYERS, layer_page, parameter_page
from pytest_tfgrade.commands.keys import KEYS
from pytest_tfgrade.commands.page import Page
from pytest_tfgrade.commands.pages import (
    change_page,
    check_page,
    code_page,
    metric_page,
    predictor_page,
    rule_page,
)
from pytest_tfgrade.commands.scale_pages import RULES, SCALES
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
            pages=(*KEYS, *INNER_KEYS),
        ),
        Section(
            title="formats",
            about="What a saved model may be: ``formats: [NAME]`` of ``artifact``.",
            pages=FORMATS,
        ),
        Section(
            title="codes",
            about="Why a task has no score, in reports.",
            pages=tuple(map(code_page, Code)),
        ),
        Section(
            title="repairs",
            about="What is mended in files of an older Keras, in reports.",
            pages=REPAIRS,
        ),
    )


def found(name: str, vocabulary: Vocabulary) -> list[Page]:
    """Return the pages of a name; more than one where kinds share it.

    If none is spelt like it, ``MeanAbsoluteError`` stands for ``mean_absolute_error``.
    Parameters and layers of Keras have pages that the reference lacks.
    """
    wanted = _plain(name)
    known = sections(vocabulary)
    metrics = {
        metric.name
        for key, metric in vocabulary.metrics.items()
        if _plain(key) == wanted
    }
    pages = [
        page
        for section in known
        for page in section.pages
        if _plain(page.name) == wanted
        or (section.title == "metrics" and page.name in metrics)
    ]
    every = [page for section in known for page in section.pages]
    told = {page.name for page in INNER_KEYS}
    for parameter in _parameters(every):
        if _plain(parameter) == wanted and parameter not in told:
            pages.append(parameter_page(parameter, every))
    layers = [layer_page(layer) for layer in LAYERS if _plain(layer) == wanted]
    exact = [page for page in pages + layers if page.name == name]
    return exact or pages + layers


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _parameters(pages: Iterable[Page]) -> list[str]:
    named = (parameter.name for page in pages for parameter in page.parameters)
    return list(dict.fromkeys(named))


def known_names(vocabulary: Vocabulary) -> list[str]:
    """Return every name that has a page."""
    pages = [page for section in sections(vocabulary) for page in section.pages]
    names = (page.name for page in pages)
    return list(
        dict.fromkeys([*names, *vocabulary.metrics, *_parameters(pages), *LAYERS])
    )


def names_meant(name: str, vocabulary: Vocabulary) -> list[str]:
    """Return names that may be meant by one that has no page, the likeliest first.

    >>> from pytest_tfgrade.rubric import BUILT_IN
    >>> names_meant("latency", BUILT_IN), names_meant("mea", BUILT_IN)
    (['predict.latency'], ['mae', 'mean'])
    """
    wanted = _plain(name)
    known: dict[str, str] = {}
    for each in known_names(vocabulary):
        known.setdefault(_plain(each), each)
    ends = [each for each in known if each.endswith(wanted)]
    if ends and len(wanted) >= _TELLING:
        return [known[each] for each in ends][:_MOST_MEANT]
    mixed_up = [each for each in known if sorted(each) == sorted(wanted)]
    close = get_close_matches(wanted, known, n=_MOST_MEANT, cutoff=_ALIKE)
    return [known[each] for each in dict.fromkeys([*mixed_up, *close])][:_MOST_MEANT]


_MOST_MEANT: Final = 3
"""Names to choose from."""

_ALIKE: Final = 0.8
"""How much of two names must be the same."""

_TELLING: Final = 4
"""Letters of an ending that say which name is meant."""
