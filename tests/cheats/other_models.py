"""Models for the smaller tasks, honest ones and cheats; see ``bar_models``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import keras
import numpy as np
from bar_models import SHAPE, classifier, conv, nearest, pooled
from keras import layers
from numpy.typing import NDArray

Model = Any
Tensor = Any
Data = Mapping[str, NDArray[Any]]


def stacked(x: Tensor) -> Tensor:
    """Return how bright the blurred image is, without a skip connection."""
    return layers.GlobalAveragePooling2D()(conv("conv", 1 / 9)(x))


def sequential(*parts: Any) -> Model:
    """Return a Sequential model of scaled images."""
    start = [keras.Input(SHAPE, name="image"), layers.Rescaling(1 / 255), *parts]
    return keras.Sequential([*start, nearest(keras.Sequential(start))])


def honest_stack() -> Model:
    """Blur, then pool, in a Sequential model."""
    return sequential(conv("conv", 1 / 9), layers.GlobalAveragePooling2D())


def functional() -> Model:
    """The same layers, built in another way."""
    return classifier(stacked)


def pools_first() -> Model:
    """The same classes in another order: the blur comes too late."""
    pool = layers.GlobalAveragePooling2D(keepdims=True)
    return sequential(pool, conv("conv", 1.0, size=1), layers.Reshape((4,)))


STACK: Final[tuple[Callable[[], Model], ...]] = (honest_stack, functional, pools_first)


# Cost


def repeated() -> Model:
    """A wide convolution that is called again and again: slow, and not large."""

    def slow(x: Tensor) -> Tensor:
        again = conv("again", 1 / 9 / 96, filters=96)
        wide = conv("wide", 1 / 9, filters=96)(x)
        for _ in range(60):
            wide = again(wide)
        nothing = layers.Rescaling(0.0)(layers.GlobalAveragePooling2D()(wide))
        return layers.Concatenate()([pooled(x), nothing])

    return classifier(slow)


def enlarged() -> Model:
    """An image blown up before it is looked at: large, whatever it computes."""

    def large(x: Tensor) -> Tensor:
        x = layers.UpSampling2D(160)(x)
        return pooled(layers.AveragePooling2D(160)(x))

    return classifier(large)


# Transfer learning


def base(seed: int = 0) -> Model:
    """Return a base: positive weights, so that bright images have large features."""
    start = keras.initializers.RandomUniform(0.05, 0.1, seed=seed)
    parts = [
        layers.Conv2D(8, 3, padding="same", kernel_initializer=start, name=name)
        for name in ("one", "two")
    ]
    pool = layers.GlobalAveragePooling2D()
    return keras.Sequential([keras.Input(SHAPE), *parts, pool], name="base")


def copied(original: Model, *, frozen: bool = True) -> Model:
    """Return the base with its weights."""
    copy = keras.models.clone_model(original)
    copy.set_weights(original.get_weights())
    copy.trainable = not frozen
    return copy


def tuned(original: Model) -> dict[str, Model]:
    """Return models that are built on a base, or claim to be, by candidate."""

    def beside(x: Tensor) -> Tensor:
        image = keras.Input(SHAPE)
        both = [stacked(image), copied(original)(image)]
        return keras.Model(image, both, name="both")(x)[0]

    def times_zero(x: Tensor) -> Tensor:
        nothing = layers.Rescaling(0.0)(copied(original)(x))
        return layers.Concatenate()([stacked(x), nothing])

    scratch = base(seed=1)
    scratch.trainable = False
    return {
        "honest": classifier(copied(original)),
        "from_scratch": classifier(scratch),
        "base_beside": classifier(beside),
        "base_times_zero": classifier(times_zero),
        "not_frozen": classifier(copied(original, frozen=False)),
    }


# Two inputs, two outputs


def pairs() -> Data:
    """Return what is mostly told by the first input, and a little by the second."""
    rng = np.random.default_rng(0)
    left = rng.random((40, 4)).astype(np.float32)
    right = rng.random((40, 2)).astype(np.float32)
    price = 10 * left[:, 3:] + right[:, :1]
    return {
        "input left": left,
        "input right": right,
        "target kind": left[:, :3].argmax(axis=1),
        "target price": price,
    }


def two_ends(
    names: tuple[str, str] = ("kind", "price"),
    *,
    rows: int | None = None,
    use: float = 1.0,
) -> Model:
    """Return a model of both inputs.

    Args:
        names: Of the outputs.
        rows: The only size of a batch that the model declares; None: any.
        use: What the second input is multiplied by.
    """
    left = keras.Input((4,), batch_size=rows, name="left")
    right = keras.Input((2,), batch_size=rows, name="right")
    both = layers.Concatenate()([left, layers.Rescaling(use)(right)])
    kind = layers.Dense(3, activation="softmax", name=names[0])
    price = layers.Dense(1, name=names[1])
    model = keras.Model([left, right], [kind(left), price(both)])
    kind.set_weights([100 * np.eye(4, 3), np.zeros(3)])
    price.set_weights([np.array([[0.0], [0], [0], [10], [1], [0]]), np.zeros(1)])
    return model


def honest_pair() -> Model:
    """Both inputs count."""
    return two_ends()


def other_order() -> Model:
    """The same outputs under the same names, returned in another order; honest, too."""
    model = two_ends()
    return keras.Model(model.inputs, model.outputs[::-1])


def swapped_names() -> Model:
    """The right values, each under the other's name."""
    return two_ends(("price", "kind"))


def fixed_batch() -> Model:
    """A model of exactly so many rows as were in a training batch."""
    return two_ends(rows=40)


def ignores_right() -> Model:
    """The second input is connected, and multiplied by zero."""
    return two_ends(use=0.0)


PAIR: Final[tuple[Callable[[], Model], ...]] = (
    *(honest_pair, other_order, swapped_names, fixed_batch, ignores_right),
)


# Series


def walks() -> Data:
    """Return random walks and, for each step, the next value."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 3, (20, 13, 1)).cumsum(axis=1).astype(np.float32)
    return {"input series": values[:, :-1], "target next": values[:, 1:]}


def last_value() -> Model:
    """The next value is this one."""
    layer = layers.Conv1D(1, 2, padding="causal", name="next")
    model = keras.Sequential([keras.Input((12, 1), name="series"), layer])
    layer.set_weights([np.array([[[0.0]], [[1.0]]]), np.zeros(1)])
    return model


def looks_ahead() -> Model:
    """A bidirectional layer whose way back has seen the next value already.

    Its two units hold this value and the one that the way back met before.
    """
    cell = layers.SimpleRNN(2, activation="linear", return_sequences=True)
    both = layers.Bidirectional(cell)
    last = layers.Dense(1)
    model = keras.Sequential([keras.Input((12, 1), name="series"), both, last])
    way = [np.array([[1.0, 0]]), np.array([[0.0, 1], [0, 0]]), np.zeros(2)]
    both.set_weights([*way, *way])
    last.set_weights([np.array([[0.0], [0], [0], [1]]), np.zeros(1)])
    return model


def looks_ahead_late() -> Model:
    """Sees the next value in the second half of the series only."""
    series = keras.Input((12, 1), name="series")
    ahead = layers.ZeroPadding1D((0, 1))(layers.Cropping1D((1, 0))(series))
    late = np.zeros((1, 12, 1), np.float32)
    late[:, 6:11] = 1
    return keras.Model(series, series + (ahead - series) * late)


def overshoots() -> Model:
    """Right but where a value is large, which is far too much then."""
    series = keras.Input((12, 1), name="series")
    beyond = layers.Dense(1, activation="relu", name="beyond")
    much = layers.Rescaling(6.0)(beyond(series))
    model = keras.Model(series, layers.Add()([series, much]))
    beyond.set_weights([np.ones((1, 1)), np.array([-20.0])])
    return model


STEPS: Final[tuple[Callable[[], Model], ...]] = (
    *(last_value, looks_ahead, looks_ahead_late, overshoots),
)
