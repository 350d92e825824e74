"""What a command that can end in two ways gives back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """A text for standard output, and how the command ends."""

    text: str
    """Lines."""

    status: int = 0
    """The exit status: 1 where a file is found to be at fault."""
