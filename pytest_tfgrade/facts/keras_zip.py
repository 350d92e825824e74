"""The zip of a ``.keras`` file, looked at before anything is inflated.

Layout, https://keras.io/guides/serialization_and_saving: ``config.json`` (layers and
compile settings), ``metadata.json`` (the Keras version), ``model.weights.h5`` and, for
layers with a vocabulary, ``assets/``.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.errors import Ungradable
from pytest_tfgrade.facts.strict_json import MAX_BYTES, parse_json_object
from pytest_tfgrade.facts.zip_directory import (
    DAMAGED,
    SAVE_AGAIN,
    damaged,
    opened_zip,
)

CONFIG: Final = "config.json"
METADATA: Final = "metadata.json"
WEIGHTS: Final = "model.weights.h5"


@dataclass(frozen=True, slots=True, kw_only=True)
class KerasZip:
    """The JSON parts of a ``.keras`` file."""

    config: dict[str, Any]
    """``config.json``: the model as a serialized object."""

    metadata: dict[str, Any]
    """``metadata.json``: the Keras version and the date."""


def read_keras_zip(path: Path) -> KerasZip:
    """Read the JSON parts of a ``.keras`` file.

    Raises:
        Ungradable: ``E_FORMAT`` if the zip is damaged, incomplete or hostile;
            ``E_LOAD`` if the JSON is not as Keras writes it.
    """
    with opened_zip(path) as archive:
        missing = {CONFIG, METADATA, WEIGHTS} - set(archive.namelist())
        if missing:
            rationale = f"the .keras file lacks {', '.join(sorted(missing))}"
            raise Ungradable(Code.FORMAT, rationale, hint=SAVE_AGAIN)
        return KerasZip(
            config=parse_json_object(_read(archive, CONFIG), CONFIG),
            metadata=parse_json_object(_read(archive, METADATA), METADATA),
        )


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as member:
            return member.read(MAX_BYTES + 1)
    except DAMAGED as error:
        raise damaged(error) from None
