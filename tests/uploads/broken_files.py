"""Files and folders that are no models, or sound models that were broken on the way.

A maker takes the folder of sound models and the candidate's folder.
"""

import io
import json
import pickle  # noqa: TID251 - as candidates do; nothing reads it
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

Maker = Callable[[Path, Path], None]

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "
ONNX = b"\x08\x08\x12\x07pytorch\x1a\x052.3.0:\x02\x0a\x00"
TABLE = bytes(40) + bytes.fromhex("57fb808b247547db")


def written(name: str, content: bytes) -> Maker:
    """Return what writes a file of fixed content."""
    return lambda sound, folder: _write(folder / name, content)


def half(name: str) -> Maker:
    """Return what hands in the first half of a sound file."""

    def make(sound: Path, folder: Path) -> None:
        whole = (sound / name).read_bytes()
        (folder / name).write_bytes(whole[: len(whole) // 2])

    return make


def with_saved_model(change: Callable[[Path], None]) -> Maker:
    """Return what hands in a SavedModel after a change."""

    def make(sound: Path, folder: Path) -> None:
        shutil.copytree(sound / "digits", folder / "digits")
        change(folder / "digits")

    return make


def zipped(*members: str, under: str = "", as_: str = "digits.zip") -> Maker:
    """Return what hands in a zip of sound files and folders."""

    def make(sound: Path, folder: Path) -> None:
        with zipfile.ZipFile(folder / as_, "w") as archive:
            for member in members:
                top = sound / member
                for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                    archive.write(path, under + str(path.relative_to(sound)))

    return make


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _half_a_zip(sound: Path, folder: Path) -> None:
    zipped("digits", as_="whole")(sound, folder)
    whole = (folder / "whole").read_bytes()
    (folder / "whole").unlink()
    (folder / "digits.zip").write_bytes(whole[: len(whole) // 2])


def _zip_in_zip(sound: Path, folder: Path) -> None:
    zipped("digits.keras", as_="inner")(sound, folder)
    with zipfile.ZipFile(folder / "digits.zip", "w") as archive:
        archive.write(folder / "inner", "work/digits.zip")
    (folder / "inner").unlink()


def _zip_of_what_macos_adds(sound: Path, folder: Path) -> None:
    with zipfile.ZipFile(folder / "digits.zip", "w") as archive:
        archive.writestr("__MACOSX/._digits.keras", APPLE_DOUBLE)
        archive.writestr(".DS_Store", b"\0\0\0\1Bud1")


def _unpacked(sound: Path, folder: Path) -> None:
    with zipfile.ZipFile(sound / "digits.keras") as archive:
        archive.extractall(folder / "digits.keras")  # noqa: S202 - our own


def _unpacked_and_zipped(sound: Path, folder: Path) -> None:
    with (
        zipfile.ZipFile(sound / "digits.keras") as whole,
        zipfile.ZipFile(folder / "digits.keras", "w") as archive,
    ):
        for name in whole.namelist():
            archive.writestr(f"digits/{name}", whole.read(name))


def _old_weights(sound: Path, folder: Path) -> None:
    """Write weights as Keras 2 did: by layer, without a model."""
    with h5py.File(folder / "digits.h5", "w") as file:
        file.attrs["layer_names"] = [b"dense"]
        file.attrs["backend"] = b"tensorflow"
        file.create_group("dense").attrs["weight_names"] = [b"dense/kernel:0"]
        file["dense/dense/kernel:0"] = np.ones((64, 10), np.float32)


def _architecture(sound: Path, folder: Path) -> None:
    with zipfile.ZipFile(sound / "digits.keras") as archive:
        (folder / "digits.json").write_bytes(archive.read("config.json"))


def _archive(sound: Path, folder: Path) -> None:
    with tarfile.open(folder / "digits.tar.gz", "w:gz") as archive:
        archive.add(sound / "digits.keras", "digits.keras")


def _pytorch(sound: Path, folder: Path) -> None:
    with zipfile.ZipFile(folder / "digits.pt", "w") as archive:
        archive.writestr("digits/data.pkl", pickle.dumps({}))
        archive.writestr("digits/version", "3")


def _arrays(sound: Path, folder: Path) -> None:
    np.savez(folder / "digits.npz", kernel=np.ones((64, 10)))


def _array(sound: Path, folder: Path) -> None:
    np.save(folder / "digits.npy", np.ones((64, 10)))


def _notebook() -> bytes:
    return json.dumps({"cells": [], "nbformat": 4}).encode()


def _link(sound: Path, folder: Path) -> None:
    (folder / "digits.keras").symlink_to(sound / "digits.keras")


def _folder(sound: Path, folder: Path) -> None:
    (folder / "digits.keras").mkdir()
    shutil.copy(sound / "digits.keras", folder / "digits.keras" / "model.keras")


def _link_in_a_folder(folder: Path) -> None:
    index = folder / "variables" / "variables.index"
    index.unlink()
    index.symlink_to("/etc/hostname")


def _two(sound: Path, folder: Path) -> None:
    shutil.copy(sound / "digits.keras", folder)
    shutil.copy(sound / "digits.h5", folder)


def _misspelt(sound: Path, folder: Path) -> None:
    shutil.copy(sound / "digits.keras", folder / "digist.keras")


def _own_folder(sound: Path, folder: Path) -> None:
    shutil.copytree(sound / "digits", folder, dirs_exist_ok=True)


def _nothing(sound: Path, folder: Path) -> None:
    (folder / "README.md").write_text("Mine will follow.")


def _two_in_a_zip(sound: Path, folder: Path) -> None:
    with zipfile.ZipFile(folder / "digits.zip", "w") as archive:
        archive.write(sound / "digits.keras", "first.keras")
        archive.write(sound / "digits.h5", "second.h5")


def whole(name: str) -> Maker:
    """Return what hands in a sound file or folder."""

    def make(sound: Path, folder: Path) -> None:
        copy = shutil.copytree if (sound / name).is_dir() else shutil.copy
        copy(sound / name, folder / name)

    return make


def _large_when_unpacked(sound: Path, folder: Path) -> None:
    data = "variables/variables.data-00000-of-00001"
    noise = np.random.default_rng(1).bytes(20_000)
    with zipfile.ZipFile(folder / "digits.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(sound / "digits" / "saved_model.pb", "digits/saved_model.pb")
        archive.writestr(f"digits/{data}", noise * 100)


def _no_variables(folder: Path) -> None:
    shutil.rmtree(folder / "variables")


def _no_index(folder: Path) -> None:
    (folder / "variables" / "variables.index").unlink()


def _no_data(folder: Path) -> None:
    next((folder / "variables").glob("variables.data-*")).unlink()


def _shorter_data(folder: Path) -> None:
    data = next((folder / "variables").glob("variables.data-*"))
    data.write_bytes(data.read_bytes()[:-100])


def _half_a_graph(folder: Path) -> None:
    graph = folder / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:1000])


def _lone_graph(sound: Path, folder: Path) -> None:
    shutil.copy(sound / "digits" / "saved_model.pb", folder / "digits.pb")


def _without_configuration(sound: Path, folder: Path) -> None:
    with (
        zipfile.ZipFile(sound / "digits.keras") as whole,
        zipfile.ZipFile(folder / "digits.keras", "w") as archive,
    ):
        for name in {*whole.namelist()} - {"config.json"}:
            archive.writestr(name, whole.read(name))


def _hdf5_without_a_model(sound: Path, folder: Path) -> None:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["title"] = "my experiment"
    (folder / "digits.h5").write_bytes(buffer.getvalue())


SOUND: dict[str, Maker] = {
    "sound-h5": whole("digits.h5"),
    "sound-keras": whole("digits.keras"),
    "sound-keras-zip": zipped("digits.keras", as_="digits.keras.zip"),
    "sound-saved-model": whole("digits"),
    "sound-saved-model-zip": zipped("digits", under="work/"),
    "sound-tflite": whole("digits.tflite"),
}
"""What is not broken, by the name of the candidate."""

FILES: dict[str, Maker] = {
    "apple-double": written("._digits.keras", APPLE_DOUBLE),
    "architecture": _architecture,
    "checkpoint": written("digits.ckpt.index", TABLE),
    "empty": written("digits.keras", b""),
    "folder": _folder,
    "git-lfs": written("digits.h5", POINTER),
    "half-h5": half("digits.h5"),
    "half-keras": half("digits.keras"),
    "half-tflite": half("digits.tflite"),
    "half-zip": _half_a_zip,
    "hdf5-without-model": _hdf5_without_a_model,
    "html": written("digits.keras", PAGE),
    "large-unpacked": _large_when_unpacked,
    "link": _link,
    "missing": _nothing,
    "misspelt": _misspelt,
    "no-configuration": _without_configuration,
    "notebook": written("digits.ipynb", _notebook()),
    "npy": _array,
    "npz": _arrays,
    "onnx": written("digits.onnx", ONNX),
    "pickle": written("digits.pkl", pickle.dumps({"layers": 3})),
    "python-text": written("digits.h5", b"import keras\n"),
    "pytorch": _pytorch,
    "saved-model-graph-alone": _lone_graph,
    "saved-model-half-graph": with_saved_model(_half_a_graph),
    "saved-model-link-inside": with_saved_model(_link_in_a_folder),
    "saved-model-no-data": with_saved_model(_no_data),
    "saved-model-no-index": with_saved_model(_no_index),
    "saved-model-no-variables": with_saved_model(_no_variables),
    "saved-model-own-folder": _own_folder,
    "saved-model-shorter-data": with_saved_model(_shorter_data),
    "saved-model-variables-zipped": zipped("digits/variables"),
    "tar-gz": _archive,
    "two-files": _two,
    "two-in-a-zip": _two_in_a_zip,
    "unpacked": _unpacked,
    "unpacked-and-zipped": _unpacked_and_zipped,
    "weights": whole("digits.weights.h5"),
    "weights-of-keras-2": _old_weights,
    "zip-in-zip": _zip_in_zip,
    "zip-of-macos-files": _zip_of_what_macos_adds,
}
"""By the name of the candidate."""
