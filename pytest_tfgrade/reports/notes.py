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

    >>> partial_run(Gradebook(exam="x", grades=(), isolated=True, version="1"))
    'partial run: 0 criteria were graded; 0 of 0 tasks are complete'
    """
    tasks = [task for grade in gradebook.grades for task in grade.tasks]
    criteria = sum(len(task.criteria) for task in tasks)
    complete = sum(task.complete for task in tasks)
    return (
        f"partial run: {criteria} criteria were graded; "
        f"{complete} of {len(tasks)} tasks are complete"
    )
