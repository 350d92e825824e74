"""Grade saved TensorFlow/Keras models against hidden data, with pytest."""

__version__ = "0.1.0"
