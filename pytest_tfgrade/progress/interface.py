"""What shows progress."""

from typing import Protocol


class Display(Protocol):
    """Shows how far a run has come; a plugin while it does. Of one thread."""

    def show(self) -> None:
        """Show where the run stands, if it is time; is called very often."""
        ...

    def end(self) -> None:
        """Show how the run ended, and never anything again."""
        ...


class Nowhere:
    """Shows nothing."""

    def show(self) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""
