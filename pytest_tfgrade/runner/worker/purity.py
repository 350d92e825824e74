"""Whether calls of a graph can have an effect on each other."""

from typing import Any

_HARMLESS = frozenset(
    (
        *("Placeholder", "ReadVariableOp", "ResourceGather", "ResourceGatherNd"),
        *("VarHandleOp", "StatefulPartitionedCall", "If", "Case", "While"),
        *("Assert", "NoOp"),
    )
)
"""Operations that TensorFlow calls stateful, for they look at variables or call others,
which are looked at, too."""

_EFFECTS = frozenset(
    (
        "PyFuncStateless",  # Python, which somebody says to keep nothing
        "BatchFunction",  # makes one batch of calls that come at a time
        *("RiscRandomUniform", "CustomAggregator"),
    )
)
"""Operations that TensorFlow does not call stateful, and that are."""


def is_pure(graph: Any) -> bool:
    """Return whether a ``GraphDef`` keeps no state, draws nothing and calls nobody.

    What is not known to be harmless counts as an effect: variables that are assigned,
    random numbers, tables, Python functions, operations of a library's own.
    """
    from tensorflow.python.framework import op_def_registry

    nodes = [*graph.node]
    for function in graph.library.function:
        nodes += function.node_def
    own = {function.signature.name for function in graph.library.function}
    for operation in {node.op for node in nodes} - _HARMLESS - own:
        known = op_def_registry.get(operation)
        if known is None or known.is_stateful or _has_effects(known):
            return False
    return True


def _has_effects(operation: Any) -> bool:
    """Return whether an operation that is called stateless changes or keeps something.

    Variables of TensorFlow 1 are handed on as references; data sets draw and count.
    """
    tensors = (*operation.input_arg, *operation.output_arg)
    is_dataset = "Dataset" in operation.name
    return is_dataset or operation.name in _EFFECTS or any(t.is_ref for t in tensors)
