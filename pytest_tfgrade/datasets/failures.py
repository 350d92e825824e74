"""What a grader is shown of an exception in a generator or a loader."""

import traceback
from pathlib import Path
from typing import Final

_OURS: Final = (str(Path(__file__).parents[1]), "<frozen importlib")
"""How the names of files begin that the traceback does not start with."""

_CALLS: Final = 3


def last_lines(error: BaseException) -> str:
    """Return the end of a traceback: its innermost calls, without those of ours."""
    start = error.__traceback__
    while start and start.tb_frame.f_code.co_filename.startswith(_OURS):
        start = start.tb_next
    lines = traceback.format_exception(type(error), error, start, limit=-_CALLS)
    return "".join(lines).rstrip()
