"""Makes models and hidden data; a program that conftest runs on a folder.

It holds ``rubrics``; to it come ``submissions/NAME/TASK.keras``, ``data/NAME.npz`` and
``rubrics/NAME.keras``, the models that rubrics refer to.
"""

import json
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import bar_cheats
import bar_models
import keras
import numpy as np
import other_models
from numpy.typing import NDArray

Model = Any
Data = Mapping[str, NDArray[Any]]

CANDIDATES: Final[Mapping[str, tuple[Callable[[], Model], ...]]] = {
    "bars": (bar_models.honest, bar_models.nested, *bar_cheats.CHEATS),
    "stack": other_models.STACK,
    "rare": (bar_models.honest, bar_cheats.constant),
    "scaled": (bar_models.honest, bar_cheats.not_divided),
    "gated": (bar_models.honest, bar_cheats.constant_gate),
    "quick": (bar_models.honest, other_models.repeated),
    "lean": (bar_models.honest, other_models.enlarged),
    "pair": other_models.PAIR,
    "steps": other_models.STEPS,
}
"""Who hands in what, by task: ``honest`` first, then cheats by name."""


def images(seed: int, *counts: int) -> Data:
    """Return hidden bars."""
    found, labels = bar_models.bars(seed, counts)
    return {"input image": found, "target length": labels}


DATA: Final[Mapping[str, Callable[[], Data]]] = {
    "bars": lambda: images(0, 10, 10, 10),
    "mostly_short": lambda: images(2, 26, 2, 2),
    "pair": other_models.pairs,
    "walks": other_models.walks,
}
"""Hidden data by name; arrays are called ``input NAME`` and ``target NAME``."""


def make(folder: Path) -> None:
    """Write everything."""
    (folder / "data").mkdir()
    for name, data in DATA.items():
        arrays: dict[str, Any] = {**data()}
        np.savez(folder / "data" / f"{name}.npz", **arrays)
    reference = folder / "rubrics" / "reference.keras"
    save(bar_models.honest(), reference)
    for task, builders in CANDIDATES.items():
        for build in builders:
            name = "honest" if build is builders[0] else build.__name__
            path = place(folder, name, task)
            if build is bar_models.honest:
                shutil.copyfile(reference, path)
            else:
                save(build(), path)
    base = other_models.base()
    save(base, folder / "rubrics" / "base.keras")
    for name, model in other_models.tuned(base).items():
        save(model, place(folder, name, "tuned"))
    tamper(folder)


def place(folder: Path, name: str, task: str) -> Path:
    """Return where a candidate puts a model."""
    path = folder / "submissions" / name / f"{task}.keras"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def save(model: Model, path: Path) -> None:
    """Save a model and forget it, with the names that Keras counts up."""
    model.save(path)
    keras.backend.clear_session(free_memory=False)  # a collection each time is slow


def tamper(folder: Path) -> None:
    """Write files that no program of Keras 3 saves under this name."""
    honest = place(folder, "honest", "bars")
    other = place(folder, "other_format", "bars")
    keras.saving.load_model(honest).save(other.with_suffix(".h5"))
    other.with_suffix(".h5").rename(other)
    with (
        zipfile.ZipFile(honest) as archive,
        zipfile.ZipFile(place(folder, "old_keras", "bars"), "w") as old,
    ):
        for name in archive.namelist():
            content = archive.read(name)
            if name == "metadata.json":
                said = json.loads(content) | {"keras_version": "2.15.0"}
                content = json.dumps(said).encode()
            old.writestr(name, content)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
