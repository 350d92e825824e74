"""Errors of the readers of files that may be hostile."""


class MalformedError(ValueError):
    """The bytes are not what their format says."""


class TooLargeError(ValueError):
    """There is more of something than any model has."""
