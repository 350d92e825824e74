"""Names of files for submissions, whatever their ids hold."""

import hashlib
import re
from typing import Final

_MOST: Final = 80
"""Characters of an id that a name keeps."""

_DIGITS: Final = 20
"""Hexadecimal digits of the hash: too many to find a second id for by trying."""

_TAKEN: Final = re.compile(
    rf".*-[0-9a-f]{{{_DIGITS}}}|(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?"
)
"""What looks like a name with a hash, or is a device on Windows."""


def safe_file_name(id_: str) -> str:
    """Return a name, without ending, that any file system takes: at most 101 bytes.

    It is in lower case, so that no two differ in case alone. An id that cannot stay as
    it is gets a hash of the id at its end; different ids have different names.

    >>> safe_file_name("alice_digits-2.v1")
    'alice_digits-2.v1'
    >>> safe_file_name("Alice ../"), safe_file_name("模型")
    ('alice-c70c4bcfb9c7f11ecbe8', 'submission-c98e118e0a43f078bac8')
    """
    plain = re.sub(r"[^a-z0-9_.]+", "-", id_.lower()[:_MOST]).strip("-.")
    if plain and plain == id_ and not _TAKEN.fullmatch(plain):
        return plain
    digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain or 'submission'}-{digest[:_DIGITS]}"
