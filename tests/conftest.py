"""What tests of several packages share: small models made without TensorFlow."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

MakeModel = Callable[..., Path]

pytest_plugins = ["pytester"]


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    """Return a layer as Keras 3 saves it."""
    config.setdefault("name", class_name.lower())
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "config": config,
        "registered_name": None,
    }


def keras_file(*layers: dict[str, Any], shape: tuple[int, ...]) -> bytes:
    """Return a ``.keras`` file of a Sequential model whose layers have no weights."""
    start = layer("InputLayer", batch_shape=[None, *shape], dtype="float32", name="in")
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "made", "layers": [start, *layers]},
        "registered_name": None,
    }
    import h5py  # not above: pytest loads this file when it grades the examples, too

    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_group("layers")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        members.writestr("config.json", json.dumps(config))
        members.writestr("model.weights.h5", weights.getvalue())
    return archive.getvalue()


def _apart_from_the_users(folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / uuid4().hex))
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_users_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what fixtures of many tests grade out of the user's cache."""
    yield from _apart_from_the_users(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what a test grades from other tests."""
    yield from _apart_from_the_users(tmp_path_factory.getbasetemp())


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Write a model of weightless layers and return its path."""

    def make(
        name: str, *layers: tuple[str, dict[str, Any]], shape: tuple[int, ...] = (8, 8)
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = (layer(class_name, **config) for class_name, config in layers)
        path.write_bytes(keras_file(*made, shape=shape))
        return path

    return make
