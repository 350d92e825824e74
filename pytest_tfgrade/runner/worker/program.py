"""What a zygote can be asked to do with an artifact."""

from typing import Any, Protocol

from . import frames


class Program(Protocol):
    """Loads its libraries once in the zygote, then runs in each child."""

    def prepare(self, scratch: str, warm: bool) -> dict[str, str]:
        """Import what is needed and return the versions of the libraries.

        Args:
            scratch: A folder of the zygote's own.
            warm: Also touch the code that every child will run.
        """
        ...

    def self_test(self) -> bool:
        """Do in a child all that ``run`` may do; return whether results are right."""
        ...

    def run(
        self, order: dict[str, Any], inputs: list[int], writer: frames.Writer
    ) -> None:
        """Do what the order says and send the result.

        Args:
            order: What the trusted side asks for.
            inputs: A file descriptor for each input that the order names.
            writer: Where the result goes.
        """
        ...

    def describe(self, error: BaseException) -> tuple[str, str]:
        """Return the code of an error and a text about it for the grader."""
        ...
