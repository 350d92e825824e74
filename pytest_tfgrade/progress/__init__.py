"""How far a run has come: a live line on a terminal, a line now and then in a log.

========================  =======================================================
``tally``, ``pace``       what the engine told, and how fast it was of late
``shown``                 what is shown where; the plugin
``live``, ``lines``       the two ways
``by_reports``            what pytest-xdist's controller sees instead of the engine
========================  =======================================================

Nothing here starts a thread. The main thread draws: between two criteria, and while it
waits for a grade, so that nobody else writes to the terminal meanwhile.
"""

from pytest_tfgrade.progress.shown import Progress, progress_of

__all__ = ["Progress", "progress_of"]
