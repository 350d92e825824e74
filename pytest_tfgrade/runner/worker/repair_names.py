"""The names of repairs, for both sides of the trust boundary.

A repair lets a library load what an older Keras wrote, and changes no number. The last
four mend nothing: no model is loaded with its compile settings, and these are named
because a loader that kept them would have failed.
"""

MEANINGS = {
    "time_major": "`time_major: false` of a recurrent layer is left out",
    "groups": "`groups: 1` of a depthwise, separable or transposed convolution is left "
    "out",
    "kernel_settings": "settings of one kernel are left out where a separable "
    "convolution has two",
    "axis": "the axis of a `Normalization` or `BatchNormalization` is read as it was "
    "meant: none, several, or a list of one",
    "batch_input_shape": "a chain whose first layer holds the shape of the input gets "
    "an input layer",
    "hard_sigmoid": "the formula of Keras 2 is used, `clip(0.2 x + 0.5, 0, 1)`; that "
    "of Keras 3 is another",
    "initializer_dtype": "the dtype of an initializer, which a layer decides, is left "
    "out",
    "dtype": "a dtype policy (mixed precision) is given by its name",
    "module": "a class that was moved, or is named without its module, is found",
    "single_output": "the one output of a nested model is taken out of its list",
    "node_index": "calls of a nested model are counted from 0",
    "trainable": "a frozen model that holds layers which are not frozen gets its "
    "weights in the right order",
    "lr": "left out: an optimizer with `lr`",
    "reduction": "left out: a loss with `reduction: auto`",
    "string_loss": "left out: a loss or function of Keras 2 by its name",
    "string_metric": "left out: a metric of Keras 2 by its name",
}
"""What each means."""

REPAIRS: "tuple[str, ...]" = tuple(MEANINGS)
"""Every name that ``repairs.repaired`` may give, in the order it gives them."""
