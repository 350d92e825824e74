"""Reading artifacts without running them; no TensorFlow, no HDF5 in this process."""

from pytest_tfgrade.facts.content import recognise
from pytest_tfgrade.facts.hdf5 import Hdf5Content, parse_hdf5_content
from pytest_tfgrade.facts.read import read_facts, read_stored_weights

__all__ = [
    "Hdf5Content",
    "parse_hdf5_content",
    "read_facts",
    "read_stored_weights",
    "recognise",
]
