"""A Jupyter kernel for each notebook, one after another.

Run as a program of its own::

    python benchmarks/kernel_each.py NOTEBOOK...
"""

from __future__ import annotations

import sys

import nbformat
from nbclient import NotebookClient


def main() -> None:
    """Execute notebooks; an error in one of them ends this program."""
    for file in sys.argv[1:]:
        notebook = nbformat.read(file, as_version=4)
        NotebookClient(notebook, timeout=300, kernel_name="python3").execute()


if __name__ == "__main__":
    main()
