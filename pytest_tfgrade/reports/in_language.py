"""Grades in another language: titles and hints of rubrics, rationales, hints, codes."""

from collections.abc import Mapping
from dataclasses import replace
from gettext import NullTranslations
from typing import Final, NamedTuple

from pytest_tfgrade.core.criterion import CriterionResult
from pytest_tfgrade.core.grade import Gradebook, TaskGrade
from pytest_tfgrade.core.localized import DEFAULT, Localized
from pytest_tfgrade.core.outline import CriterionOutline, TaskOutline
from pytest_tfgrade.core.portrait import Architecture
from pytest_tfgrade.core.text import told
from pytest_tfgrade.languages import translations
from pytest_tfgrade.languages.sentences import Sentences, sentences_in

TITLE: Final = "title"
"""In the catalogue, of what a criterion is called if its rubric does not say."""

GROUP_TITLE: Final = "The points of several criteria together."
"""The title of a group whose rubric does not say."""


def in_language(gradebook: Gradebook, language: str) -> Gradebook:
    """Return the same grades with their texts for candidates in a language.

    Titles and hints of a rubric are taken from the rubric, what checks and codes say
    from the catalogue. What neither has stays as it is, as do ids, names, numbers,
    what persons wrote, and what only graders read. Empty texts stay empty, so that
    nothing appears again that ``audience.for_candidates`` left out.

    Args:
        gradebook: As made; its texts are in English where rubrics have English.
        language: A tag, as ``zh``.
    """
    if language == DEFAULT:
        return gradebook
    titles, said = gradebook.titles, _Said.of(language)
    tasks = {
        name: _OutlineIn.of(outline) for name, outline in gradebook.outlines.items()
    }
    return replace(
        gradebook,
        language=language,
        exam=titles.text(language) if titles else gradebook.exam,
        grades=tuple(
            replace(
                grade,
                tasks=tuple(
                    said.task(task, tasks.get(task.id, _NO_OUTLINE))
                    for task in grade.tasks
                ),
            )
            for grade in gradebook.grades
        ),
    )


class _OutlineIn(NamedTuple):
    """What a rubric says of a task, to be found by what was made of it."""

    title: Localized | None
    criteria: Mapping[str, CriterionOutline]
    hints: Mapping[str, Localized]
    """By their text in the default language, as candidates are told it."""

    @classmethod
    def of(cls, outline: TaskOutline) -> "_OutlineIn":
        hints = {
            told(criterion.hint.text()): criterion.hint
            for criterion in outline.criteria.values()
            if criterion.hint is not None
        }
        return cls(outline.title, outline.criteria, hints)


_NO_OUTLINE: Final = _OutlineIn(None, {}, {})


class _Said(NamedTuple):
    """All that can be said in a language."""

    language: str
    catalogue: NullTranslations
    sentences: Sentences

    @classmethod
    def of(cls, language: str) -> "_Said":
        return cls(language, translations(language), sentences_in(language))

    def task(self, task: TaskGrade, outline: _OutlineIn) -> TaskGrade:
        """Return a task in the language."""
        title = task.title
        if title and outline.title is not None:
            title = outline.title.text(self.language)
        adapted = task.run.adapted if task.run else ()
        translated = self.sentences.translated
        return replace(
            task,
            title=title,
            criteria=tuple(self._criterion(c, outline) for c in task.criteria),
            run=task.run and replace(task.run, adapted=tuple(map(translated, adapted))),
            portrait=replace(
                task.portrait, architecture=self._drawn(task.portrait.architecture)
            ),
        )

    def _drawn(self, architecture: Architecture | None) -> Architecture | None:
        """Return layers with those of their settings that are known."""
        if architecture is None:
            return None
        layers = (
            replace(layer, settings=", ".join(map(self.sentences.translated, said)))
            for layer in architecture.layers
            for said in [layer.settings.split(", ")]
        )
        return replace(architecture, layers=tuple(layers))

    def _criterion(
        self, criterion: CriterionResult, outline: _OutlineIn
    ) -> CriterionResult:
        own = outline.criteria.get(criterion.id)
        return replace(
            criterion,
            title=self._title(criterion.title, own),
            rationale=self.sentences.translated(criterion.rationale),
            hint=criterion.hint and self._hint(criterion.hint, outline.hints),
        )

    def _title(self, title: str, outline: CriterionOutline | None) -> str:
        if not title:
            return title
        text = title if outline is None else outline.title.text(self.language)
        return self.catalogue.pgettext(TITLE, text)

    def _hint(self, hint: str, hints: Mapping[str, Localized]) -> str:
        own = hints.get(hint)
        if own is not None:
            return told(own.text(self.language))
        return self.sentences.translated(hint)
