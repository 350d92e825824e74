"""Every error pytest-tfgrade raises on purpose, and the party each one names.

* TfgradeError                                       ends a run, or opens a score
  x UsageError       the caller of the tool          exit code 2
    x RubricError    the rubric author
    x SubmissionsError  whoever laid out the submissions folder
  x DatasetError     the evaluation data             exit code 3
  x RunnerError      the machine or its set-up       exit code 4
* Ungradable         the artifact                    never ends a run
  x Unloadable       the artifact, or one runtime
  x ChannelsFirst    the artifact, or the way it was run
  x SourceMissing    the artifact, or what should lie beside it
* CheckFailed        the submission                  never ends a run

Only the fronts translate these into exit statuses.
"""

from decimal import Decimal
from typing import ClassVar

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.core.text import told


class TfgradeError(Exception):
    """Something other than a submission is at fault."""

    exit_code: ClassVar[int] = 1


class UsageError(TfgradeError):
    """The tool was called in a way that cannot work."""

    exit_code = 2


class RubricError(UsageError):
    """A rubric or exam file cannot be read or contradicts itself."""


class SubmissionsError(UsageError):
    """The submissions folder is missing, empty or laid out ambiguously."""


class DatasetError(TfgradeError):
    """Evaluation data are missing, changed or not what they say."""

    exit_code = 3


class RunnerError(TfgradeError):
    """The machine could not run a model, whatever the model was."""

    exit_code = 4


class Ungradable(Exception):  # noqa: N818 - a finding about an artifact, not a fault
    """An artifact cannot be graded; the code says how it is at fault."""

    def __init__(
        self,
        code: Code,
        rationale: str | None = None,
        *,
        hint: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Describe what is wrong.

        Args:
            code: The kind of fault; fixes the texts that are not given.
            rationale: What is wrong with this artifact, for the candidate; cut if it is
                longer than ``text.LONGEST_TOLD``, as the hint is.
            hint: What the candidate can try.
            detail: What only the grader may see: tracebacks, logs, values.
        """
        self.code = code
        self.rationale = told(rationale or code.text)
        self.hint = told(hint or code.hint)
        self.detail = detail
        super().__init__(f"{code}: {self.rationale}")


class Unloadable(Ungradable):
    """An artifact could not be loaded by one runtime; another may load it."""


class ChannelsFirst(Ungradable):
    """A model has layers that are computed only with oneDNN."""


class SourceMissing(Ungradable):
    """An artifact needs Python code that is not there."""


class CheckFailed(Exception):  # noqa: N818 - a finding, not a fault
    """A submission does not meet a criterion, or meets it in part."""

    def __init__(
        self,
        rationale: str,
        *,
        hint: str | None = None,
        detail: str | None = None,
        value: float | None = None,
        points: Decimal | None = None,
    ) -> None:
        """Describe what was found.

        Args:
            rationale: Why, for the candidate: aggregates, never hidden data.
            hint: What the candidate can try.
            detail: What only the grader may see.
            value: The measured value, if the check measures one.
            points: What was earned all the same, below the full points.
        """
        self.rationale = rationale
        self.hint = hint
        self.detail = detail
        self.value = value
        self.points = points
        super().__init__(rationale)
