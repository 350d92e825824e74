"""Texts with typing mistakes, other letters or fewer words, and ids left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from pytest_tfgrade.transforms.choice import IDS, TEXTS, changed, named
from pytest_tfgrade.transforms.interface import Array, NotApplicable
from pytest_tfgrade.transforms.randomness import generator
from pytest_tfgrade.transforms.settings import (
    require_above_0,
    require_whole,
    require_word,
)

Case: TypeAlias = Literal["upper", "lower", "swap"]
"""Capital letters, small letters, or each the other way round."""

_CASES: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "swap": str.swapcase,
}

_MISTAKES: Final = 3
"""Kinds of typing mistakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typos:
    """Leave letters out, swap them with what follows, or put others in their place.

    Each kind of mistake is as likely. Others are letters that occur in the input, so
    that any alphabet is right.
    """

    rate: float
    """How likely each letter is mistyped. Above 0, at most 1."""

    input: str | None = None
    """Which input; None is the only one that holds texts."""

    seed: int = 0
    """Decides which letters, and what becomes of them."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        _require_common(self.rate, self.seed)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Mistype them."""
        return changed(inputs, self.input, TEXTS, self._mistyped)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"with typos in {100 * self.rate:g} % of letters", self.input)

    def _mistyped(self, texts: Array) -> Array:
        choices = generator(self.seed, "typos")
        letters = sorted(filter(str.isalpha, set("".join(texts.flat))))
        return _each(texts, lambda text: self._typed(text, letters, choices))

    def _typed(
        self, text: str, letters: list[str], choices: np.random.Generator
    ) -> str:
        typed = list(text)
        wrong = choices.random(len(typed)) < self.rate
        for place in np.flatnonzero(wrong):
            if not typed[place].isalpha():
                continue
            match choices.integers(_MISTAKES):
                case 0:
                    typed[place] = ""
                case 1:
                    typed[place : place + 2] = typed[place : place + 2][::-1]
                case _:
                    typed[place] = letters[choices.integers(len(letters))]
        return "".join(typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """Change between capital and small letters."""

    to: Case = "upper"
    """Which letters there are afterwards."""

    input: str | None = None
    """Which input; None is the only one that holds texts."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        require_word("to", self.to, get_args(Case))

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Change them."""
        return changed(inputs, self.input, TEXTS, self._cased)

    def describe(self) -> str:
        """Return what is done."""
        what = {
            "upper": "in capital letters",
            "lower": "in small letters",
            "swap": "with capital and small letters exchanged",
        }
        return named(what[self.to], self.input)

    def _cased(self, texts: Array) -> Array:
        case = _CASES[self.to]

        def cased(text: str) -> str:
            # "SS" for a sharp s would be longer than the array has room for.
            both = ((letter, case(letter)) for letter in text)
            return "".join(new if len(new) == 1 else old for old, new in both)

        return _each(texts, cased)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDrop:
    """Leave words out of texts; at least one of each text stays."""

    rate: float
    """How likely each word is left out. Above 0, at most 1."""

    input: str | None = None
    """Which input; None is the only one that holds texts."""

    seed: int = 0
    """Decides which words."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        _require_common(self.rate, self.seed)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Leave them out."""
        return changed(inputs, self.input, TEXTS, self._shortened)

    def describe(self) -> str:
        """Return what is done."""
        return named(f"with {100 * self.rate:g} % of words left out", self.input)

    def _shortened(self, texts: Array) -> Array:
        choices = generator(self.seed, "word_drop")

        def shortened(text: str) -> str:
            words = text.split()
            stays = choices.random(len(words)) >= self.rate
            if not words or stays.all():
                return text
            if not stays.any():
                stays[choices.integers(len(words))] = True
            return " ".join(words[place] for place in np.flatnonzero(stays))

        return _each(texts, shortened)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIds:
    """Put the id of padding, or of an unknown word, in the place of ids."""

    rate: float
    """How likely each id is dropped. Above 0, at most 1."""

    fill: int = 0
    """What stands in its place."""

    input: str | None = None
    """Which input; None is the only one that holds ids."""

    seed: int = 0
    """Decides which ids."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        _require_common(self.rate, self.seed)
        require_whole("fill", self.fill, least=0)

    def apply(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Drop them."""
        return changed(inputs, self.input, IDS, self._dropped)

    def describe(self) -> str:
        """Return what is done."""
        text = f"with {100 * self.rate:g} % of ids replaced by {self.fill}"
        return named(text, self.input)

    def _dropped(self, ids: Array) -> Array:
        if self.fill > np.iinfo(ids.dtype).max:
            raise NotApplicable(f"ids of dtype {ids.dtype} cannot be {self.fill}")
        dropped = generator(self.seed, "drop_ids").random(ids.shape) < self.rate
        result = ids.copy()
        result[dropped] = self.fill
        return result


def _require_common(rate: float, seed: int) -> None:
    require_above_0("rate", rate, at_most=1)
    require_whole("seed", seed, least=0)


def _each(texts: Array, change: Callable[[str], str]) -> Array:
    """Return each text changed; none may become longer."""
    new = [change(text) for text in texts.reshape(-1).tolist()]
    return np.array(new, texts.dtype).reshape(texts.shape)
