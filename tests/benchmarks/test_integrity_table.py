"""What the document on integrity says was measured."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_the_document_is_that_of_the_figures() -> None:
    program = ROOT / "benchmarks" / "integrity_table.py"
    document = ROOT / "docs" / "howto" / "integrity.md"

    shown = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True
    )

    assert shown.stdout.count("\n") == 16
    assert shown.stdout in document.read_text(encoding="utf-8")
