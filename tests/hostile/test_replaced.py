"""A submission that is replaced while it is graded is graded as it was copied."""

import hashlib
import itertools
import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from edits import with_kernel
from honest import NAMES, weights
from runs import run

if TYPE_CHECKING:
    from conftest import Corpus

CANDIDATES = 12


def test_what_is_recorded_is_what_was_graded(
    corpus: "Corpus", who: int | None, tmp_path: Path
) -> None:
    course, listeners, _ = corpus
    good, bad = tmp_path / "good.keras", tmp_path / "bad.keras"
    shutil.copy(course.folder / "alone" / NAMES[0] / "digits.keras", good)
    shutil.copy(good, bad)
    wrong = -weights(0)[0].astype(np.float32)
    with_kernel(bad, lambda file, place: file.__setitem__(place, wrong))
    handed_in = course.folder / "replaced"
    shutil.rmtree(handed_in, ignore_errors=True)
    for number in range(CANDIDATES):
        (handed_in / f"c{number}").mkdir(parents=True)
        shutil.copy(good, handed_in / f"c{number}" / "digits.keras")
    over = threading.Event()
    replacing = threading.Thread(target=replace, args=(handed_in, (good, bad), over))

    replacing.start()
    try:
        done = run(course, "replaced", who, listeners)
    finally:
        over.set()
        replacing.join()

    tasks = [grade["tasks"] for grade in done.grades.values()]
    graded = [
        (task["artifact"]["sha256"], task["points"])
        for task in itertools.chain(*tasks)
        if task["result"] == "graded"
    ]
    assert len(tasks) == CANDIDATES
    assert set(graded) <= {(sha256(good), 5), (sha256(bad), 1)}
    assert graded


def replace(folder: Path, files: tuple[Path, ...], over: threading.Event) -> None:
    """Put one file, the other and a link in the place of each model, in turn."""
    for number in itertools.count():
        for place, candidate in enumerate(sorted(folder.iterdir())):
            if over.wait(0.002):
                return
            new = folder.parent / "next"
            kind = (number + place) % 3  # never all a link
            if kind == 2:
                new.symlink_to(files[0])
            else:
                shutil.copy(files[kind], new)
            os.replace(new, candidate / "digits.keras")  # noqa: PTH105 - a link, too


def sha256(path: Path) -> str:
    """Return it in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
