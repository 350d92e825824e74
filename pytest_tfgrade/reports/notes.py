"""What has to be said of a whole run, in the words every report uses."""

from typing import Final

from pytest_tfgrade.core.grade import Gradebook

NOT_ISOLATED: Final = (
    "NOT ISOLATED: models ran without the whole sandbox; "
    "do not rely on grades of submissions you do not trust"
)
"""Said wherever models did not run under the whole sandbox."""


def partial_run(gradebook: Gradebook) -> str:
    """Say how much of a partial run was graded.

    >>> partial_run(
    ...     Gradebook(exam="x", grades=(), isolated=True, version="1", planned=60)
    ... )
    'partial run: 0 of 60 criteria were graded; * marks what is not complete'
    """
    graded = f"{gradebook.graded} of {gradebook.planned} criteria were graded"
    return f"partial run: {graded}; * marks what is not complete"
