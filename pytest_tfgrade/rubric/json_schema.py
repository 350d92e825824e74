"""The JSON Schema of a rubric, for editors; generated from the types."""

from collections.abc import Mapping
from typing import Any, Final

from pytest_tfgrade.metrics import METRICS
from pytest_tfgrade.rubric.schema import (
    CriterionPart,
    GroupPart,
    RubricFile,
    criterion_type,
)
from pytest_tfgrade.rubric.values import OWN_NAME
from pytest_tfgrade.rubric.vocabulary import BUILT_IN, Vocabulary

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(vocabulary: Vocabulary = BUILT_IN) -> dict[str, Any]:
    """Return the JSON Schema of a rubric that may use the names of a vocabulary."""
    schema = RubricFile.model_json_schema()
    definitions = schema["$defs"]
    kinds = [
        _defined(definitions, name, criterion_type(check).model_json_schema())
        for name, check in vocabulary.checks.items()
    ]
    own = CriterionPart.model_json_schema() | {"additionalProperties": True}
    own["properties"]["check"] = OWN_NAME
    kinds.append(_defined(definitions, "module:name", own))
    group = GroupPart.model_json_schema()
    group["properties"]["criteria"]["items"] = {"anyOf": list(kinds)}
    kinds.append(_defined(definitions, "group", group))
    schema["properties"]["criteria"]["items"] = {"anyOf": kinds}
    known: dict[str, Any] = _with_metrics(schema, vocabulary.metrics)
    return {"$schema": _DIALECT, **known}


def _defined(
    definitions: dict[str, Any], name: str, kind: dict[str, Any]
) -> dict[str, str]:
    """Add a definition, and those it holds; return a reference to it."""
    definitions |= kind.pop("$defs", {})
    definitions[name] = kind
    return {"$ref": f"#/$defs/{name}"}


def _with_metrics(node: Any, metrics: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return a schema in which metrics of plug-ins stand beside those built in."""
    if node == sorted(METRICS):
        return sorted(metrics)
    if isinstance(node, dict):
        return {key: _with_metrics(value, metrics) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_metrics(value, metrics) for value in node]
    return node
