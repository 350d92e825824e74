"""The numbers of the fields that are read of TensorFlow's and Keras' messages.

Each class has the name of a message and each constant that of a field, as in
TensorFlow's ``core/protobuf`` (``saved_model``, ``meta_graph``, ``saved_object_graph``,
``trackable_object_graph``, ``tensor_bundle``) and ``core/framework`` (``graph``,
``function``, ``node_def``, ``attr_value``, ``tensor_shape``), and in Keras'
``protobuf/saved_metadata.proto``.
"""


class MapEntry:
    """An entry of any map."""

    KEY, VALUE = 1, 2


class SavedModel:
    """The file ``saved_model.pb``."""

    META_GRAPHS = 2


class MetaGraphDef:
    """A graph and what belongs to it."""

    META_INFO_DEF, GRAPH_DEF, SIGNATURE_DEF = 1, 2, 5
    ASSET_FILE_DEF, OBJECT_GRAPH_DEF = 6, 7


class MetaInfoDef:
    """What a graph is for, and who wrote it."""

    TAGS, TENSORFLOW_VERSION = 4, 5


class SignatureDef:
    """A function that can be called."""

    INPUTS, OUTPUTS, METHOD_NAME = 1, 2, 3


class TensorInfo:
    """An input or output; the last two stand in place of a tensor's name."""

    DTYPE, TENSOR_SHAPE, COO_SPARSE, COMPOSITE_TENSOR = 2, 3, 4, 5


class TensorShapeProto:
    """The sizes of axes."""

    DIM, UNKNOWN_RANK = 2, 3
    DIM_SIZE = 1  # of a Dim


class GraphDef:
    """Operations, and a library of functions of them."""

    NODE, LIBRARY = 1, 2


class FunctionDefLibrary:
    """Functions of a graph."""

    FUNCTION = 1


class FunctionDef:
    """One function."""

    NODE_DEF = 3


class NodeDef:
    """One use of an operation."""

    OP, ATTR = 2, 5


class AttrValue:
    """The value of an attribute of an operation."""

    S = 2  # bytes


class AssetFileDef:
    """A file that a graph reads."""

    FILENAME = 2


class BundleHeaderProto:
    """What a checkpoint says of all its variables."""

    NUM_SHARDS, ENDIANNESS = 1, 2


class BundleEntryProto:
    """What a checkpoint says of one variable."""

    DTYPE, SHAPE, SHARD_ID, OFFSET, SIZE, SLICES = 1, 2, 3, 4, 5, 7


class SavedObjectGraph:
    """The objects of a model."""

    NODES = 1


class SavedObject:
    """One of them."""

    CHILDREN, USER_OBJECT = 1, 4


class SavedUserObject:
    """What a library, as Keras, says of an object of its own."""

    IDENTIFIER, METADATA = 1, 3


class ObjectReference:
    """An attribute of an object that is an object, too."""

    NODE_ID, LOCAL_NAME = 1, 2


class SavedMetadata:
    """The file ``keras_metadata.pb``."""

    NODES = 1


class KerasObject:
    """What Keras calls ``SavedObject`` in it."""

    NODE_ID, IDENTIFIER, METADATA = 2, 4, 5
