"""Files that ask for more than they hold: memory, data elsewhere, other shapes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import honest
import numpy as np
from edits import (
    Config,
    kernel_in,
    layers_of,
    saved,
    with_config,
    with_kernel,
    with_weights,
)
from rows import OK, Row, Targets

from corpus.keras_files import built_in

Make = Callable[[Path, Targets], None]

ELSEWHERE: Final = "data outside the file are refused by our reader, before Keras"

# Data that lie elsewhere


def _linked(ending: str) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        import h5py

        other = _secret_file(folder, targets)
        link = h5py.ExternalLink(str(other), "/kernel")
        with_kernel(
            saved(folder, ending), lambda file, place: file.__setitem__(place, link)
        )

    return make


def _stored_outside(ending: str) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        def change(file: Any, place: str) -> None:
            pieces = [(str(targets.labels), 0, 64 * 10 * 4)]
            file.create_dataset(place, (64, 10), np.float32, external=pieces)

        with_kernel(saved(folder, ending), change)

    return make


def _virtual(ending: str) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        import h5py

        other = _secret_file(folder, targets)
        layout = h5py.VirtualLayout((64, 10), np.float32)
        layout[:] = h5py.VirtualSource(str(other), "/kernel", (64, 10), np.float32)
        with_kernel(
            saved(folder, ending),
            lambda file, place: file.create_virtual_dataset(place, layout),
        )

    return make


def _secret_file(folder: Path, targets: Targets) -> Path:
    """Write weights that would pass, where no submission lies."""
    import h5py

    path = targets.marker.parents[1] / f"weights-of-{targets.marker.name}.h5"
    with h5py.File(path, "w") as file:
        file["kernel"] = honest.weights(0)[0].astype(np.float32)
    return path


def _weights_of(change: Callable[[Any, str], None]) -> Make:
    """Return what hands in changed weights, and code."""

    def make(folder: Path, targets: Targets) -> None:
        import h5py

        honest.with_code(folder, 4, is_whole=False)
        with h5py.File(folder / "digits.weights.h5", "r+") as file:
            place = kernel_in(file)
            del file[place]
            change(file, place)

    return make


def _outside_weights(folder: Path, targets: Targets) -> None:
    pieces = [(str(targets.labels), 0, 64 * 10 * 4)]
    make = _weights_of(
        lambda file, place: file.create_dataset(
            place, (64, 10), np.float32, external=pieces
        )
    )
    make(folder, targets)


def _row(
    id: str,  # noqa: A002 - as the row calls it
    vector: str,
    make: Make,
    *expected: str,
    by: str,
) -> Row:
    return Row(
        id=id, vector=vector, defence=by, expected=frozenset(expected), make=make
    )


OUTSIDE = (
    *(
        Row(
            id=f"{id_}-{ending}",
            vector=f"{what}, in a `.{ending}` file",
            defence=ELSEWHERE,
            expected=frozenset({"E_LOAD"}),
            make=make(ending),
            says="external data",
        )
        for id_, what, make in (
            ("K10", "weights are a link to another HDF5 file", _linked),
            ("K11", "weights are the bytes of another file", _stored_outside),
            ("K12", "weights are a view of another HDF5 file", _virtual),
        )
        for ending in ("keras", "h5")
    ),
    Row(
        id="K11-weights",
        vector="the same in weights alone, with code beside",
        defence=ELSEWHERE,
        expected=frozenset({"E_LOAD"}),
        make=_outside_weights,
        task="code",
        says="external data",
    ),
)


# Too much


def _wide(units: int) -> Callable[[Config], None]:
    """Return what puts a wide layer before the last; nobody has weights for it."""

    def change(config: Config) -> None:
        layers = config["config"]["layers"]
        wide = built_in("Dense", units=units, name="wide")
        layers.insert(len(layers) - 1, wide)
        for layer in layers:
            layer.pop("build_config", None)

    return change


def _too_wide(units: int) -> Make:
    return lambda folder, _: with_config(saved(folder), _wide(units))


UNITS: Final = 14_000_000

_LARGE: Final = {(64, 3): (64, UNITS), (3,): (UNITS,), (3, 10): (UNITS, 10)}
"""What stored shapes become."""


def _bomb(ending: str) -> Make:
    """Return what declares 3.9 GiB of weights that compress to nothing."""

    def make(folder: Path, targets: Targets) -> None:
        path = _with_a_small_layer(folder / f"digits.{ending}")
        with_config(path, _enlarge_layer)
        with_weights(path, _enlarge_weights)

    return make


def _enlarge_layer(config: Config) -> None:
    for layer in layers_of(config):
        layer.pop("build_config", None)
        if layer["config"]["name"] == "small":
            layer["config"]["units"] = UNITS


def _enlarge_weights(file: Any) -> None:
    found: list[tuple[str, tuple[int, ...]]] = []
    file.visititems(lambda name, item: found.append((name, getattr(item, "shape", ()))))
    for place, shape in found:
        if shape in _LARGE:
            del file[place]
            large = {"chunks": True, "compression": 9}
            file.create_dataset(place, _LARGE[shape], np.float32, **large)


def _with_a_small_layer(path: Path) -> Path:
    from keras import Input, Sequential, layers

    small, last = layers.Dense(3, name="small"), layers.Dense(10, "softmax")
    Sequential([Input((8, 8)), layers.Flatten(), small, last]).save(path)
    return path


def _deep(count: int) -> Make:
    def make(folder: Path, targets: Targets) -> None:
        def change(config: Config) -> None:
            layers = config["config"]["layers"]
            more = [
                built_in("Activation", activation="linear", name=f"a{number}")
                for number in range(count)
            ]
            config["config"]["layers"] = [*layers[:-1], *more, layers[-1]]

        with_config(saved(folder), change)

    return make


def _nested(count: int) -> Make:
    """Return what nests models in models."""

    def make(folder: Path, targets: Targets) -> None:
        def change(config: Config) -> None:
            inner = built_in("Flatten")
            for number in range(count):
                inner = {
                    "module": "keras",
                    "class_name": "Sequential",
                    "config": {"name": f"s{number}", "layers": [inner]},
                    "registered_name": None,
                }
            config["config"]["layers"].insert(1, inner)

        with_config(saved(folder), change)

    return make


def _repeated(folder: Path, targets: Targets) -> None:
    """Blow the input up by layers that have no weights."""

    def change(config: Config) -> None:
        layers = config["config"]["layers"]
        much = built_in("RepeatVector", n=1 << 24)
        layers.insert(len(layers) - 1, much)
        layers.insert(len(layers) - 1, built_in("GlobalMaxPooling1D"))

    with_config(saved(folder), change)


MEMORY: Final = "RLIMIT_AS of the process that loads it; its weights are compared first"

MUCH = (
    *(
        _row(
            *(f"K13-{ending}", f"3.9 GiB of weights in a small `.{ending}` file"),
            _bomb(ending),
            *(
                "E_MEMORY",
                "E_LOAD",
            ),
            by=MEMORY,
        )
        for ending in ("keras", "h5")
    ),
    _row(
        *("K16-wide", "a layer of 2,000,000,000 units", _too_wide(2_000_000_000)),
        *("E_MEMORY", "E_LOAD"),
        by=MEMORY,
    ),
    _row(
        *("K16-overflow", "a layer of 2^62 units", _too_wide(1 << 62)),
        *("E_MEMORY", "E_LOAD", "E_FORMAT"),
        by=MEMORY,
    ),
    _row(
        *("K16-deep", "100,000 layers", _deep(100_000)),
        *("E_TIMEOUT", "E_MEMORY", "E_LOAD", "E_FORMAT"),
        by="wall clock and memory of the process that loads it",
    ),
    _row(
        *("K16-nested", "models in models, 200 deep", _nested(200)),
        *("E_LOAD", "E_FORMAT", "E_CRASH", "E_TIMEOUT", OK),
        by="the depth of JSON is bounded",
    ),
    _row(
        *(
            "K16-repeat",
            "repeats its input until it fills 4 GB for each row",
            _repeated,
        ),
        *("E_MEMORY", "E_TIMEOUT"),
        by="RLIMIT_AS",
    ),
)


# Mistakes


def _custom(folder: Path, targets: Targets) -> None:
    def change(config: Config) -> None:
        last = config["config"]["layers"][-1]
        last.update(module="my_layers", registered_name="My>Odd", class_name="Odd")

    with_config(saved(folder), change)


def _weights_alone(folder: Path, targets: Targets) -> None:
    honest.model(1).save_weights(folder / "digits.weights.h5")


def _other_inputs(folder: Path, targets: Targets) -> None:
    from keras import Input, Sequential, layers

    model = Sequential([Input((28, 28)), layers.Flatten(), layers.Dense(10)])
    model.save(folder / "digits.keras")


def _other_outputs(folder: Path, targets: Targets) -> None:
    from keras import Input, Sequential, layers

    model = Sequential([Input((8, 8)), layers.Flatten(), layers.Dense(7)])
    model.save(folder / "digits.keras")


def _other_weights(folder: Path, targets: Targets) -> None:
    def change(file: Any, place: str) -> None:
        file[place] = np.ones((3, 10), np.float32)

    with_kernel(saved(folder), change)


def _text_weights(folder: Path, targets: Targets) -> None:
    def change(file: Any, place: str) -> None:
        file[place] = np.full((64, 10), b"nan", "S3")

    with_kernel(saved(folder), change)


PLAIN: Final = "told as the mistake it is"

MISTAKES = (
    _row(
        *("K17-custom", "a class that nobody has", _custom),
        *("E_CUSTOM_OBJECT", "E_UNSAFE"),
        by=PLAIN,
    ),
    _row("K17-weights", "weights alone", _weights_alone, "E_FORMAT", by=PLAIN),
    _row("K17-inputs", "other inputs", _other_inputs, "E_INPUT_SHAPE", by=PLAIN),
    _row("K17-outputs", "other outputs", _other_outputs, "E_OUTPUT_SHAPE", by=PLAIN),
    _row("K17-shape", "weights of another shape", _other_weights, "E_LOAD", by=PLAIN),
    _row(
        *("K17-text", "weights that are texts", _text_weights),
        *("E_LOAD", "E_FORMAT", "E_NONFINITE"),
        by=PLAIN,
    ),
)

ROWS = (*OUTSIDE, *MUCH, *MISTAKES)
