"""What an exam says once for all its tasks."""

from dataclasses import dataclass, field
from typing import Final, TypeVar

from pytest_tfgrade.documents import Strict
from pytest_tfgrade.rubric.schema import ArtifactPart, LimitsPart

_Part = TypeVar("_Part", bound=Strict)


@dataclass(frozen=True, slots=True)
class Defaults:
    """Parts of a rubric that hold where it says nothing."""

    artifact_part: ArtifactPart = field(default_factory=ArtifactPart)
    limits_part: LimitsPart = field(default_factory=LimitsPart)

    def artifact(self, own: ArtifactPart) -> ArtifactPart:
        """Return a rubric's own part, completed."""
        return _completed(own, self.artifact_part)

    def limits(self, own: LimitsPart) -> LimitsPart:
        """Return a rubric's own part, completed."""
        return _completed(own, self.limits_part)


def _completed(own: _Part, default: _Part) -> _Part:
    """Return a part with the values of another where it has none of its own."""
    said = {key: getattr(default, key) for key in default.model_fields_set}
    return own.model_copy(
        update={key: v for key, v in said.items() if key not in own.model_fields_set}
    )


NO_DEFAULTS: Final = Defaults()
