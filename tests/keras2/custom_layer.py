"""The source of the layer in ``custom_layer.*``, as candidates write it.

``tf.keras`` is the Keras of whatever TensorFlow runs this: 2 or 3, or tf-keras where
``TF_USE_LEGACY_KERAS`` asks for it.
"""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable(package="course")
class Scaled(tf.keras.layers.Layer):  # type: ignore[misc]
    """Multiplies by a factor for each channel, then by a fixed number."""

    def __init__(self, times: float = 1.0, **kwargs: object) -> None:
        """Take the fixed number."""
        super().__init__(**kwargs)
        self.times = times

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make one factor for each channel of ``(rows, ..., channels)``."""
        self.factor = self.add_weight(
            name="factor", shape=(input_shape[-1],), initializer="random_normal"
        )
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Return the product, of the shape of the inputs."""
        return inputs * self.factor * self.times

    def get_config(self) -> dict[str, object]:
        """Return what ``from_config`` takes."""
        return {**super().get_config(), "times": self.times}
