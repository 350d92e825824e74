"""``tfgrade rubric schema``: what lets editors complete and check rubrics."""

import argparse
import json

from pytest_tfgrade.engine.extensions import Extensions
from pytest_tfgrade.rubric import json_schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take none."""


def schema(given: argparse.Namespace, extensions: Extensions) -> str:
    """Return the JSON Schema of a rubric, with the names that plug-ins add."""
    return json.dumps(json_schema(extensions.vocabulary), indent=2) + "\n"
