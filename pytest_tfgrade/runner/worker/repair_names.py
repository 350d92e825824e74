"""The names of repairs, for both sides of the trust boundary.

A repair lets a library load what an older Keras wrote, and changes no number. The last
four mend nothing: no model is loaded with its compile settings, and these are named
because a loader that kept them would have failed.
"""

REPAIRS: "tuple[str, ...]" = (
    "time_major",
    "groups",
    "kernel_settings",
    "axis",
    "batch_input_shape",
    "hard_sigmoid",
    "initializer_dtype",
    "dtype",
    "module",
    "single_output",
    "node_index",
    "trainable",
    "lr",
    "reduction",
    "string_loss",
    "string_metric",
)
"""Every name that ``repairs.repaired`` may give, in the order it gives them."""
