"""Why a model cannot be loaded, where the worker knows it exactly."""

SOURCE_FAILED = "source-failed"
NO_BUILDER = "no-builder"
BUILDER_FAILED = "builder-failed"
OTHER_WEIGHTS = "other-weights"
NO_MODEL = "no-model"
NOT_BUILT = "not-built"
SELECT_OPS = "select-ops"
CHANNELS_FIRST = "channels-first"
OUT_OF_RANGE = "out-of-range"
OTHER_FILES = "other-files"
NETWORK = "network"
PROGRAMS = "programs"

FAILURES = (
    *(SOURCE_FAILED, NO_BUILDER, BUILDER_FAILED, NO_MODEL, NOT_BUILT, OTHER_WEIGHTS),
    *(SELECT_OPS, CHANNELS_FIRST, OUT_OF_RANGE),
    *(OTHER_FILES, NETWORK, PROGRAMS),
)
"""What may stand behind the code in an ``ERROR`` frame, after a space."""


class KnownFailure(RuntimeError):  # noqa: N818 - a finding about a model
    """A model cannot be loaded; says one of ``FAILURES``."""
