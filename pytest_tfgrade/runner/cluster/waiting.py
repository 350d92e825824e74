"""Waiting no longer than one wants for what may never answer."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def within(
    seconds: float, work: Callable[[], Result]
) -> tuple[Result | None, Exception | None]:
    """Return what comes of work, or what it raised, or nothing: it may last for ever.

    A client waits without end for a port that takes connections and says nothing.
    """
    done: list[Result] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return next(iter(done), None), next(iter(failed), None)
