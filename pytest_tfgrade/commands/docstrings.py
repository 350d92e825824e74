"""What docstrings say, as the reference needs it."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from pytest_tfgrade.commands.page import REQUIRED, Parameter

_SECTION: Final = re.compile(r"^(?:Args|Returns|Raises):$|^>>> ", re.MULTILINE)


def paragraphs(function: object) -> tuple[str, ...]:
    """Return what stands between a docstring's first line and its sections."""
    text = inspect.getdoc(function) or ""
    text = text[: found.start()] if (found := _SECTION.search(text)) else text
    _, _, rest = text.partition("\n")
    return tuple(" ".join(part.split()) for part in rest.split("\n\n") if part.strip())


def arguments(function: object) -> Mapping[str, str]:
    """Return names and texts of a docstring's ``Args:``."""
    _, _, rest = (inspect.getdoc(function) or "").partition("Args:\n")
    described = re.finditer(r"^    (\w+): (.*(?:\n {8}.*)*)", rest, re.MULTILINE)
    return {match[1]: " ".join(match[2].split()) for match in described}


def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return a function's keyword-only parameters, as rubrics write them."""
    described = arguments(function)
    return tuple(
        Parameter(
            name=parameter.name.removesuffix("_"),
            default=_default(parameter.default),
            meaning=described.get(parameter.name, ""),
        )
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    )


def fields(kind: type) -> tuple[Parameter, ...]:
    """Return the fields of a dataclass, each with the docstring below it."""
    described = dict(_attribute_texts(kind))
    return tuple(
        Parameter(
            name=parameter.name,
            default=_default(parameter.default),
            meaning=described.get(parameter.name, ""),
        )
        for parameter in inspect.signature(kind).parameters.values()
    )


def _attribute_texts(kind: type) -> Iterator[tuple[str, str]]:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for before, after in pairwise(body):
        match before, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(text))
            ):
                yield name, " ".join(text.split())
            case _:
                continue


def _default(value: object) -> str:
    """Write a default as YAML does."""
    if value is inspect.Parameter.empty:
        return REQUIRED
    match value:
        case None | ():
            return "none"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
