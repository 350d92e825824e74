"""In which order jobs are graded, so that no core waits at the end for a large one."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from pytest_tfgrade.core.submission import HandedIn, Submission
from pytest_tfgrade.engine.job import Job

_LARGE: Final = 8
"""Times the size of half of the files: a job of such a file goes first."""


def largest_first(
    jobs: Sequence[Job], submissions: dict[str, Submission]
) -> tuple[Job, ...]:
    """Return jobs in their order, but those of exceptionally large files before all.

    The others keep the order in which they are asked for, so that results come as they
    are shown. A large model at the very end would be run while other cores have nothing
    left to do.

    Args:
        jobs: In the order in which their grades will be asked for.
        submissions: By id.
    """
    sizes = {
        job: _size(submissions[job.submission].found.get(job.task)) for job in jobs
    }
    known = sorted(size for size in sizes.values() if size)
    if not known:
        return tuple(jobs)
    bound = _LARGE * known[len(known) // 2]
    large = [job for job in jobs if sizes[job] > bound]
    large.sort(key=lambda job: -sizes[job])
    rest = [job for job in jobs if sizes[job] <= bound]
    return (*large, *rest)


def _size(files: tuple[HandedIn, ...] | None) -> int:
    """Return the bytes of the file handed in; few of a folder, 0 of nothing."""
    if not files:
        return 0
    file = files[0]
    if file.zipped is not None:
        return sum(member.size for _, member in file.zipped.members)
    with suppress(OSError):
        return os.stat(file.path, follow_symlinks=False).st_size  # noqa: PTH116 - quick
    return 0
