"""Running a dataset's generator and checking what it returns."""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from pytest_tfgrade.datasets.blocks import Blocks
from pytest_tfgrade.datasets.description import GeneratedDescription, by_keys
from pytest_tfgrade.datasets.failures import last_lines
from pytest_tfgrade.datasets.fields import ArrayDescription
from pytest_tfgrade.datasets.fitting import Fitted, Fitting, Keep
from pytest_tfgrade.datasets.functions import NoFunctionError, named_function
from pytest_tfgrade.documents import Document, Invalid, Problem, suggestion
from pytest_tfgrade.documents.document import KeyPath

_FUNCTION: Final[KeyPath] = ("generator", "function")
_OPTIONS: Final[KeyPath] = ("generator", "options")


def generated(
    folder: Path,
    document: Document,
    description: GeneratedDescription,
    seed: int,
    keep: Keep | None = None,
) -> Fitted:
    """Return the inputs and targets that a dataset's generator makes of a seed.

    If the description holds no sha256 for this seed, the generator is called a second
    time and must return the same.

    Raises:
        Invalid: The generator cannot be called, raises, does not return what is
            described, or not the same for the same seed.
    """
    generation = _Generation(folder, document, description, seed)
    fitted, generator = generation.fitted(keep), description.generator
    found = fitted.sha256
    if generator.sha256 is None or seed != generator.seed:
        if generation.fitted(lambda name: None).sha256 != found:
            what = "does not return the same when called again with the same seed"
            remedy = "draw from numpy.random.default_rng(seed) and from nothing else"
            raise generation.invalid(_FUNCTION, f"{what}; {remedy}")
    elif generator.sha256 != found:
        text = (
            f"has changed: expected sha256 {generator.sha256}, found {found}; the "
            "seed, the options, the generator or a library is another; to accept the "
            f"new data, write sha256: {found}"
        )
        raise generation.invalid(("generator", "sha256"), f"returns data that {text}")
    return fitted


class _Generation:
    """One generator, ready to be called with one seed."""

    def __init__(
        self,
        folder: Path,
        document: Document,
        description: GeneratedDescription,
        seed: int,
    ) -> None:
        self._document = document
        self._description = description
        self._parts = by_keys(description.inputs, description.targets)
        self._seed = seed
        self._name = description.generator.function
        self._function = self._found(folder)
        problems = list(self._call_problems())
        if problems:
            raise Invalid(problems)

    def fitted(self, keep: Keep | None) -> Fitted:
        """Call the generator once."""
        fitting = Fitting(self._document, self._description.rows, keep)
        returned = self._returned()
        described = {keys for keys, _ in self._parts}
        names = {
            role: [str(name) for r, name in returned if r == role]
            for role in ("inputs", "targets")
        }
        for role, name in [keys for keys in returned if keys not in described]:
            what = f"returns {name!r} in {role!r}, which is not described"
            text = f"{self._name}: {what}; describe it or leave it out"
            fitting.add((role,), text, at_key=True)
        for keys, part in self._parts:
            if keys in returned:
                self._fit(fitting, returned.pop(keys), keys, part)  # no use any more
                continue
            role, name = keys
            way_out = suggestion(name, names[role])
            text = f"{self._name}: returns no {name!r} in {role!r}; {way_out}"
            fitting.add(keys, text, at_key=True)
        return fitting.result()

    def _fit(
        self,
        fitting: Fitting,
        values: Any,  # noqa: ANN401 - whatever the generator returns
        keys: tuple[str, str],
        part: ArrayDescription,
    ) -> None:
        subject = f"{self._name}, {keys[1]!r}"
        try:
            array = np.asarray(values)
        except ValueError:
            text = f"{subject}: rows differ in shape; give each row the same"
            fitting.add((*keys, "shape"), text)
        else:
            fitting.fit(Blocks.of(array), keys, part, subject)

    def invalid(self, keys: KeyPath, text: str, *, at_key: bool = False) -> Invalid:
        """Return the error that says one thing of the generator."""
        return Invalid([self._problem(keys, text, at_key=at_key)])

    def _problem(self, keys: KeyPath, text: str, *, at_key: bool = False) -> Problem:
        place = self._document.locate(keys, at_key=at_key)
        return Problem(place, f"{self._name}: {text}")

    def _found(self, folder: Path) -> Callable[..., Any]:
        try:
            return named_function(folder, self._name)
        except NoFunctionError as error:
            raise self.invalid(_FUNCTION, str(error)) from None
        except (Exception, SystemExit) as error:
            raise self._failed(error) from None

    def _failed(self, error: BaseException) -> Invalid:
        text = f"failed; correct it:\n{last_lines(error)}"
        return self.invalid(_FUNCTION, text)

    def _call_problems(self) -> Iterator[Problem]:
        """Find where the function and its options do not fit each other."""
        try:
            signature = inspect.signature(self._function)
        except ValueError:  # functions in C may have none
            return
        options, parameters = self._description.generator.options, signature.parameters
        kinds = [parameter.kind for parameter in parameters.values()]
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            for name in [name for name in options if name not in parameters]:
                way_out = suggestion(name, [p for p in parameters if p != "seed"])
                text = f"takes no option {name!r}; {way_out}"
                yield self._problem((*_OPTIONS, name), text, at_key=True)
        known = {name: value for name, value in options.items() if name in parameters}
        try:
            signature.bind(seed=self._seed, **known)
        except TypeError as error:
            what = f"cannot be called with 'seed' and these options: {error}"
            yield self._problem(_OPTIONS, f"{what}; change them or the function")

    def _returned(self) -> dict[tuple[str, str], Any]:
        """Call the generator; what it returns is flat, by role and name."""
        options = copy.deepcopy(self._description.generator.options)
        try:
            returned = self._function(seed=self._seed, **options)
        except (Exception, SystemExit) as error:
            raise self._failed(error) from None
        if (
            not isinstance(returned, Mapping)
            or returned.keys() != {"inputs", "targets"}
            or not all(isinstance(parts, Mapping) for parts in returned.values())
        ):
            what = "does not return inputs and targets"
            remedy = 'return {"inputs": {NAME: ARRAY}, "targets": {NAME: ARRAY}}'
            raise self.invalid(_FUNCTION, f"{what}; {remedy}")
        return {
            (r, name): parts[name] for r, parts in returned.items() for name in parts
        }
