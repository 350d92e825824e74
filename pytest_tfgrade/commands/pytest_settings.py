"""The ini file that pytest takes for a folder, found without pytest."""

import re
import tomllib
from pathlib import Path
from typing import Final

_TABLES: Final = {
    "pytest.toml": "",
    ".pytest.toml": "",
    "pytest.ini": "",
    ".pytest.ini": "",
    "pyproject.toml": "tool.pytest",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
"""Ini files in pytest's order, and the table each must have; none where it is empty."""


def settings_file(folder: Path) -> Path | None:
    """Return the file in a folder, not above it, that holds settings of pytest."""
    for name, table in _TABLES.items():
        path = folder / name
        if path.is_file() and (not table or _has(path, table)):
            return path
    return None


def _has(path: Path, table: str) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".toml":
        return re.search(rf"^\[{table}\]", text, re.MULTILINE) is not None
    try:
        return "pytest" in tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        return True  # pytest says what is wrong with it
