"""Grade saved TensorFlow/Keras models against hidden data, with pytest."""

from typing import Final

__version__: Final = "0.1.0"
