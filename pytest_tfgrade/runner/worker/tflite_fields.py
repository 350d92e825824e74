"""The numbers of the fields that are read of the tables of TensorFlow Lite files.

Each class has the name of a table and each constant that of a field, as in TensorFlow's
``schema.fbs``, which numbers them from 0 in the order they stand there.
"""


class Model:
    """The whole file."""

    VERSION, OPERATOR_CODES, SUBGRAPHS, DESCRIPTION, BUFFERS = range(5)
    SIGNATURE_DEFS = 7


class SubGraph:
    """A graph."""

    TENSORS, INPUTS, OUTPUTS, OPERATORS = range(4)


class Tensor:
    """What is computed with: an input, a constant, or the result of an operator."""

    SHAPE, TYPE, BUFFER, NAME, QUANTIZATION = range(5)
    SHAPE_SIGNATURE, HAS_RANK, EXTERNAL_BUFFER = 7, 8, 10


class QuantizationParameters:
    """Which real numbers the integers of a tensor stand for."""

    SCALE, ZERO_POINT = 2, 3


class Buffer:
    """The data of a constant; the last two if they lie behind the FlatBuffer."""

    DATA, OFFSET, SIZE = range(3)


class Operator:
    """One use of an operator."""

    OPCODE_INDEX = 0


class OperatorCode:
    """An operator that the file uses."""

    DEPRECATED_BUILTIN_CODE, CUSTOM_CODE = 0, 1
    BUILTIN_CODE = 3


class SignatureDef:
    """A function that can be called."""

    INPUTS, OUTPUTS, SIGNATURE_KEY = range(3)
    SUBGRAPH_INDEX = 4


class TensorMap:
    """The name that a signature gives to a tensor."""

    NAME, TENSOR_INDEX = 0, 1
