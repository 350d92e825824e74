"""Activations under the names that Keras 3 and Keras 2 save them by."""

from collections.abc import Mapping
from typing import Final

_NAMES: Final = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish "
    "hard_tanh leaky_relu linear log_sigmoid log_softmax mish prelu relu relu6 selu "
    "sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid "
    "sparsemax squareplus swish tanh tanh_shrink threshold thresholded_relu"
)

KERAS_ACTIVATIONS: Final = frozenset(_NAMES.split())
"""The activations of Keras 3 (3.15.1) and tf-keras (2.21.0)."""

ACTIVATION_LAYERS: Final[Mapping[str, str]] = {
    "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ReLU": "relu",
    "Softmax": "softmax",
    "ThresholdedReLU": "thresholded_relu",
}
"""Layers that are nothing but an activation, and its name."""

ACTIVATION_OPERATIONS: Final[Mapping[str, str]] = {
    "Elu": "elu",
    "Gelu": "gelu",
    "LogSoftmax": "log_softmax",
    "Relu": "relu",
    "Relu6": "relu6",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Silu": "silu",
    "Softmax": "softmax",
    "Softplus": "softplus",
    "Tanh": "tanh",
}
"""Operations of ``keras.ops`` that are an activation, and its name."""

ACTIVATION_ALIASES: Final[Mapping[str, str]] = {
    "hard_swish": "hard_silu",
    "log_softmax_v2": "log_softmax",
    "softmax_v2": "softmax",
    "swish": "silu",
}
"""Other names of activations, as functions of ``tf.nn`` have when saved."""
