"""Reading a SavedModel folder, inside a confined process.

Runs under the interpreter of the graded course: standard library and NumPy only, no
TensorFlow. Returns plain values that JSON can hold.
"""

from __future__ import annotations

import mmap
import os
from collections import Counter
from typing import Any, Iterator  # noqa: UP035 - Python 3.9

import numpy as np

from . import keras_objects
from .hdf5_values import summary_of
from .malformed import MalformedError, TooLargeError
from .message_fields import (
    AssetFileDef,
    AttrValue,
    FunctionDef,
    FunctionDefLibrary,
    GraphDef,
    MapEntry,
    MetaGraphDef,
    MetaInfoDef,
    NodeDef,
    SavedModel,
    SignatureDef,
    TensorInfo,
)
from .protobuf import Budget, Message
from .tensor_bundle import (
    MAX_NAME,
    NAMES,
    Bundle,
    Entry,
    read_index,
    shape_of,
    stored_array,
    stored_dtype,
)
from .weight_sketch import prints_of

GRAPH = "saved_model.pb"
KERAS = "keras_metadata.pb"
INDEX = "variables.index"

MAX_GRAPH = 2**30  # bytes; larger ones have another form
MAX_KERAS = 64 * 2**20  # bytes; a model of 1000 layers needs about 6 MB
MAX_FIELDS = 5_000_000  # a graph of 100 000 operations needs about 1 million
MAX_OPERATIONS = 5000  # TensorFlow has 1900
MAX_GRAPHS = 100
MAX_SIGNATURES = 1000
MAX_TENSORS = 10_000
MAX_ASSETS = 1000
MAX_RANK = 254  # of TensorFlow

PRINTS_TO_FILE = "PrintV2 to a file"

_SERVE = ("serve",)
_STREAMS = frozenset({"stdout", "stderr", "log(info)", "log(warning)", "log(error)"})
_VARIABLES = frozenset({"VarHandleOp", "VariableV2", "Variable"})
_UNREADABLE = (OSError, ValueError)  # also MalformedError, and what json raises


def read_saved_model(folder: str, values: bool = False) -> dict[str, Any]:
    """Return what a SavedModel says of itself.

    ``signatures`` holds ``{"method", "inputs", "outputs"}`` by key, where each tensor
    is ``[dtype or None, shape or None, kind]``, -1 is any size and kind is ``dense``,
    ``sparse`` or ``composite``. ``operations`` holds the names of operations, sorted;
    ``PrintV2 to a file`` is one more. ``keras_metadata`` is the JSON of a Keras 2
    model, and ``owners`` the names of the models and layers around a variable, by its
    path. ``variables`` holds ``[path, dtype, shape]``; with ``values``, what
    ``summary_of`` returns follows in the same list. ``prints`` is what ``prints_of``
    returns, without ``values``; values that are damaged leave it empty.

    ``problems`` holds ``[kind, what]``, where kind is ``unreadable``, ``large`` (more
    parts than any model has), ``tags`` (no graph for serving), ``missing`` (values of
    variables), ``asset`` (a file that the graph needs is missing), ``external`` (a file
    elsewhere) or ``bomb`` (variables that share bytes, so that a small file declares
    a lot). After a problem no values are read.
    """
    result: dict[str, Any] = {
        "tensorflow_version": None,
        "signatures": {},
        "operations": [],
        "keras_metadata": None,
        "owners": {},
        "variables": [],
        "prints": [],
        "problems": [],
    }
    try:
        data = _mapped(os.path.join(folder, GRAPH), MAX_GRAPH)
        graph = _serving_graph(Message(data, Budget(MAX_FIELDS)), result["problems"])
        if graph is not None:
            _read_graph(folder, graph, result)
            _read_variables(folder, result, values)
            _read_keras(folder, graph, result)
    except TooLargeError as error:
        result["problems"].append(["large", str(error)])
    except _UNREADABLE as error:
        kind = type(error).__name__
        result["problems"].append(["unreadable", f"{kind}: {_plain(str(error))}"])
    return result


def _read_graph(folder: str, graph: Message, result: dict[str, Any]) -> None:
    for info in graph.messages(MetaGraphDef.META_INFO_DEF):
        result["tensorflow_version"] = info.text(MetaInfoDef.TENSORFLOW_VERSION)
    result["signatures"] = _signatures(graph)
    result["operations"] = sorted(_operations(graph))
    result["problems"] += _asset_problems(folder, graph)


def _serving_graph(saved: Message, problems: list[Any]) -> Message | None:
    """Return the graph with the tag ``serve`` and no other, as loaders choose it."""
    graphs: dict[tuple[str, ...], Message] = {}
    for graph in saved.messages(SavedModel.META_GRAPHS):
        tags = tuple(_tags(graph))
        if tags in graphs or len(graphs) >= MAX_GRAPHS:
            raise MalformedError("several graphs for the same use")
        graphs[tags] = graph
    if _SERVE not in graphs:
        problems.append(["tags", ", ".join("+".join(tags) for tags in graphs)])
    return graphs.get(_SERVE)


def _mapped(path: str, limit: int) -> memoryview:
    """Return the bytes of a file, which come into memory as they are looked at."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise TooLargeError(f"a file of {size} bytes")
        if not size:
            raise MalformedError(f"{os.path.basename(path)} is empty")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _tags(graph: Message) -> list[str]:
    infos = graph.messages(MetaGraphDef.META_INFO_DEF)
    return sorted({tag for info in infos for tag in info.texts(MetaInfoDef.TAGS)})


def _signatures(graph: Message) -> dict[str, dict[str, Any]]:
    """Return the signatures that can be called; TensorFlow adds some of its own."""
    signatures: dict[str, dict[str, Any]] = {}
    for key, signature in _entries(graph, MetaGraphDef.SIGNATURE_DEF):
        if len(signatures) >= MAX_SIGNATURES or len(key) > MAX_NAME:
            raise TooLargeError(f"more than {MAX_SIGNATURES} signatures")
        if not key.startswith("__saved_model_"):
            signatures[key] = {
                "method": signature.text(SignatureDef.METHOD_NAME) or "",
                "inputs": _tensors(signature, SignatureDef.INPUTS),
                "outputs": _tensors(signature, SignatureDef.OUTPUTS),
            }
    return signatures


def _entries(message: Message, number: int) -> Iterator[tuple[str, Message]]:
    """Yield the keys and values of a map from texts to messages."""
    for entry in message.messages(number):
        for value in entry.messages(MapEntry.VALUE):
            yield entry.text(MapEntry.KEY) or "", value


def _tensors(signature: Message, number: int) -> dict[str, list[Any]]:
    tensors: dict[str, list[Any]] = {}
    for name, info in _entries(signature, number):
        if len(tensors) >= MAX_TENSORS or len(name) > MAX_NAME:
            raise TooLargeError("the inputs or outputs of a signature")
        tensors[name] = _tensor(name, info)
    return tensors


def _tensor(name: str, info: Message) -> list[Any]:
    numbers = {number for number, _ in info}
    if TensorInfo.COMPOSITE_TENSOR in numbers:
        return [None, None, "composite"]
    # 100 more stands for a reference to such a tensor.
    dtype = NAMES.get(info.integer(TensorInfo.DTYPE) % 100)
    shape = shape_of(info, TensorInfo.TENSOR_SHAPE)
    if shape is not None and (len(shape) > MAX_RANK or min([*shape, 0]) < -1):
        raise MalformedError(f"the shape of {name}")
    return [dtype, shape, "sparse" if TensorInfo.COO_SPARSE in numbers else "dense"]


def _operations(graph: Message) -> set[str]:
    """Return the names of operations, of the graph and of all its functions."""
    names: set[str] = set()
    for node in _nodes(graph):
        name = node.text(NodeDef.OP) or ""
        if name not in names:
            names.add(name)
            if len(names) > MAX_OPERATIONS or len(name) > MAX_NAME:
                raise TooLargeError(f"more than {MAX_OPERATIONS} kinds of operations")
        if name == "PrintV2" and _prints_to_file(node):
            names.add(PRINTS_TO_FILE)
    return names


def _nodes(graph: Message) -> Iterator[Message]:
    """Yield the nodes of the graph and of all its functions."""
    for definition in graph.messages(MetaGraphDef.GRAPH_DEF):
        yield from definition.messages(GraphDef.NODE)
        for library in definition.messages(GraphDef.LIBRARY):
            for function in library.messages(FunctionDefLibrary.FUNCTION):
                yield from function.messages(FunctionDef.NODE_DEF)


def _prints_to_file(node: Message) -> bool:
    """Return whether a stream is no standard one; one from outside may be any."""
    streams = [
        stream
        for key, value in _entries(node, NodeDef.ATTR)
        if key == "output_stream"
        for stream in [*value.texts(AttrValue.S)] or [""]
    ]
    return not _STREAMS.issuperset(streams)


def _asset_problems(folder: str, graph: Message) -> Iterator[list[str]]:
    """Yield what is wrong with the files that a graph names."""
    for count, asset in enumerate(graph.messages(MetaGraphDef.ASSET_FILE_DEF)):
        name = asset.text(AssetFileDef.FILENAME) or ""
        if count >= MAX_ASSETS or len(name) > MAX_NAME:
            raise TooLargeError("the names of assets")
        if os.path.isabs(name) or ".." in name.split("/") or "\0" in name:
            yield ["external", name]
        elif not os.path.isfile(os.path.join(folder, "assets", name)):
            yield ["asset", f"assets/{name}"]


def _read_keras(folder: str, graph: Message, result: dict[str, Any]) -> None:
    """Read what Keras 2 says of its model; nothing that has to be in order."""
    path = os.path.join(folder, KERAS)
    try:
        said = None
        if os.path.exists(path):
            data = _mapped(path, MAX_KERAS)
            said = keras_objects.from_metadata(Message(data, Budget(MAX_FIELDS)))
        for objects in graph.messages(MetaGraphDef.OBJECT_GRAPH_DEF):
            said = said or keras_objects.from_objects(objects)
            result["keras_metadata"] = said.model
            if said.names:
                paths = [path for path, *_ in result["variables"]]
                result["owners"] = keras_objects.owners_of(paths, objects, said.names)
    except _UNREADABLE:
        result["keras_metadata"], result["owners"] = None, {}


def _read_variables(folder: str, result: dict[str, Any], values: bool) -> None:
    folder = os.path.join(folder, "variables")
    index = os.path.join(folder, INDEX)
    problems = result["problems"]
    if not os.path.exists(index):
        if not _VARIABLES.isdisjoint(result["operations"]):
            problems.append(["missing", f"there is no variables/{INDEX}"])
        return
    bundle = read_index(index)
    problems += _data_problems(folder, bundle)
    for entry in bundle.entries:
        described: list[Any] = [entry.name, entry.dtype, entry.shape]
        if values and not problems:
            described += _summary(folder, bundle, entry)
        result["variables"].append(described)
    if not (values or problems):
        result["prints"] = _prints(folder, bundle)


def _prints(folder: str, bundle: Bundle) -> list[Any]:
    nothing = np.zeros((), "O")  # of what is no numbers
    try:
        return prints_of(
            [
                (entry.name, stored_array(folder, bundle, entry))
                if stored_dtype(entry.dtype)
                else (entry.name, nothing)
                for entry in bundle.entries
            ]
        )
    except _UNREADABLE:
        return []


def _data_problems(folder: str, bundle: Bundle) -> Iterator[list[str]]:
    """Yield what is wrong with the files of values, before any of them is read."""
    ends: dict[int, int] = {}
    declared: Counter[int] = Counter()
    for entry in bundle.entries:
        end = entry.offset + entry.size
        ends[entry.shard] = max(end, ends.get(entry.shard, 0))
        declared[entry.shard] += entry.size
    for shard, end in sorted(ends.items()):
        name = bundle.data_name(shard)
        path = os.path.join(folder, name)
        if not 0 <= shard < bundle.shards:
            raise MalformedError(f"a variable in file {shard} of {bundle.shards}")
        if not os.path.isfile(path):
            yield ["missing", f"there is no variables/{name}"]
        elif os.path.getsize(path) < end:
            yield ["missing", f"variables/{name} is incomplete"]
        elif os.path.getsize(path) < declared[shard]:
            yield ["bomb", f"variables/{name} declares {declared[shard]} bytes"]


def _summary(folder: str, bundle: Bundle, entry: Entry) -> list[Any]:
    """Return what ``summary_of`` does; of what is no numbers, that it has none."""
    if stored_dtype(entry.dtype) is None:
        return [None, 0, 0, None]
    return summary_of(stored_array(folder, bundle, entry))


def _plain(text: str) -> str:
    """Return the text in Unicode that every encoder accepts."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
