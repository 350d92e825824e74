"""What was read from an artifact without running it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pytest_tfgrade.core.contract import Shape
from pytest_tfgrade.core.fingerprint import WeightPrint
from pytest_tfgrade.core.submission import ArtifactFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a model, with the layers inside it."""

    name: str
    """As the model names it."""

    class_name: str
    """The Keras class, as ``Conv2D``."""

    module: str | None
    """Where the class lives; None where the format does not say."""

    registered_name: str | None
    """The name of a custom class, as ``Package>Name``; None for Keras' own."""

    config: Mapping[str, Any]
    """The layer's own settings, as saved."""

    layers: "tuple[Layer, ...]" = ()
    """The layers of a nested model or a wrapper, in order."""

    inbound: tuple[str, ...] = ()
    """Names of the layers of the same model whose outputs it takes, in order."""

    on_path: bool | None = None
    """Whether it lies between an input and an output; None where nobody can say."""

    def walk(self) -> "Iterator[Layer]":
        """Yield this layer and every layer inside it, outermost first."""
        yield self
        for layer in self.layers:
            yield from layer.walk()


class Part(StrEnum):
    """A kind of facts that some formats do not hold."""

    LAYERS = "layers"  # classes, settings and connections of layers
    COMPILE = "compile settings"  # optimizer, loss and metrics
    WEIGHTS = "weights"  # stored variables with their values
    VERSION = "a version of Keras"  # that saved it
    ENDS = "inputs and outputs"  # with their shapes
    CALLS = "calls of layers"  # one by one, once it is loaded


class TensorKind(StrEnum):
    """How the rows of an input lie in memory."""

    DENSE = "dense"
    RAGGED = "ragged"
    SPARSE = "sparse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """An input or output as a file declares it."""

    name: str
    """The layer that holds or makes it."""

    shape: Shape | None
    """Batch axis first; None where it cannot be known without running."""

    dtype: str | None
    """As saved; None where the format does not say."""

    key: str | None = None
    """Under which a dictionary of the model has it; None if it has none."""

    kind: TensorKind = TensorKind.DENSE
    """Of an input; all outputs count as dense."""

    quantization: tuple[float, int] | None = None
    """Scale and zero point: a stored q means ``scale * (q - zero_point)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How many numbers a file stores, and how large they are."""

    parameters: int
    """Numbers in the model's weights, optimizer state apart."""

    model_bytes: int
    """Bytes of the model's weights."""

    optimizer_bytes: int
    """Bytes of optimizer state."""

    constants: int = 0
    """Numbers of arrays that operations hold in the configuration; no weights."""

    constant_bytes: int = 0
    """Bytes of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVariable:
    """One array of numbers that a file stores, without most of its values."""

    path: str
    """Groups and name in the file, with slashes; raw text."""

    layer: str | None
    """Name of the layer it belongs to, as ``Layer.name``; None if none is found."""

    within: tuple[str, ...] = ()
    """Names of the models and wrappers around that layer, outermost first."""

    dtype: str
    """A NumPy dtype name."""

    shape: tuple[int, ...]
    """Sizes of each axis."""

    sha256: str
    """Of its values, in C order and little-endian, in hexadecimal."""

    nonfinite: int
    """How many of its values are NaN or infinite."""

    zeros: int = 0
    """How many of its values are 0."""

    values: tuple[float, ...] | None = None
    """All values, of a variable of at most 16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWeights:
    """The variables of a file, read on demand in a confined process.

    Texts and the state of metrics and random numbers are left out.
    """

    model: tuple[StoredVariable, ...]
    """Of the model, in the order of the file."""

    optimizer: tuple[StoredVariable, ...]
    """Of the optimizer: iterations, learning rate and slots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was read from an artifact without running it."""

    format: ArtifactFormat
    """How the model was saved."""

    keras_version: str | None
    """The Keras that saved it; None where the file does not say."""

    model_class: str
    """``Sequential``, ``Functional`` or the name of a custom class."""

    layers: tuple[Layer, ...]
    """The model's layers in order; nested ones inside them."""

    inputs: tuple[Tensor, ...]
    """In the order the model takes them."""

    outputs: tuple[Tensor, ...]
    """In the order the model returns them."""

    last_activation: str | None
    """Of the last layer that has one, wherever it sits; None if unknown."""

    weights: Weights
    """How much the file stores."""

    compile_settings: Mapping[str, Any] | None
    """Optimizer, loss and metrics as saved; None if it was not compiled."""

    inputs_in_order: bool = True
    """Whether the model takes them in this order; else names alone tell."""

    outputs_in_order: bool = True
    """Whether the model returns them in this order; else names alone tell."""

    holds: frozenset[Part] = frozenset(Part)
    """What the format can tell; of other parts nothing is known."""

    tensorflow_version: str | None = None
    """The TensorFlow that saved it; None where the file does not say."""

    signature: str | None = None
    """Of a SavedModel or TFLite file: the signature that is called."""

    operations: tuple[str, ...] = ()
    """Of a SavedModel or TFLite file: names of its operations, sorted, each once."""

    weight_print: WeightPrint | None = None
    """What tells its weights from others; None if they could not be looked at."""

    layer_parameters: Mapping[tuple[str, ...], int] | None = field(
        default=None, compare=False
    )
    """Numbers in the weights of each layer that has some, by the names that lead to it,
    outermost first; None where the file does not say whose they are."""

    extra: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What readers of plug-ins found, by the name of the reader."""

    def walk(self) -> Iterator[Layer]:
        """Yield every layer, nested ones included, outermost first."""
        for layer in self.layers:
            yield from layer.walk()
