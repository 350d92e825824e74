"""What is wrong with workers is said of all at once, and in so many words."""

from pytest_tfgrade.core.runtime import KnownRuntime
from pytest_tfgrade.runner.cluster.fitness import (
    Description,
    Kind,
    Problem,
    disagreements,
    libraries,
    strangers,
    unfit,
)


def test_workers_of_another_version_are_named() -> None:
    theirs = {"a": "0.6.0", "b": None, "c": "0.5.0", "d": None, "e": "0.5.0"}

    assert [one.text for one in strangers("0.6.0", theirs)] == [
        "b and d: no pytest-tfgrade; pip install 'pytest-tfgrade[dask]==0.6.0' there",
        "c and e: pytest-tfgrade 0.5.0, the grader has 0.6.0; "
        "pip install 'pytest-tfgrade[dask]==0.6.0' there",
    ]


def test_workers_with_the_same_fault_are_named_together() -> None:
    bare = Description(unavailable="no TensorFlow")
    open_ = Description(not_isolated="no Landlock", unavailable="no TensorFlow")
    broken = Description(failed=("no room",))

    assert unfit({"a": bare, "b": open_, "c": broken, "d": Description()}) == [
        Problem(kind=Kind.CLUSTER, text="c: no room"),
        Problem(kind=Kind.ISOLATION, text="b: no Landlock"),
        Problem(kind=Kind.RUNTIME, text="a and b: no TensorFlow"),
    ]


def test_each_library_in_which_workers_differ_is_named() -> None:
    def installed(keras: str, numpy: str) -> dict[str, str | None]:
        found = (("keras", keras), ("numpy", numpy), ("tensorflow", ""))
        return libraries(
            [KnownRuntime(name="keras3", python="p", keras=keras, libraries=found)]
        )

    differ = disagreements(
        {
            "a": installed("3.15", "2.4"),
            "b": installed("3.14", "2.4"),
            "c": installed("3.15", "2.5"),
            "d": {},
        }
    )

    assert [one.text.partition(";")[0] for one in differ] == [
        "workers differ in keras of the runtime 'keras3': 3.15 on a and c, 3.14 on b, "
        "not installed on d",
        "workers differ in numpy of the runtime 'keras3': 2.4 on a and b, 2.5 on c, "
        "not installed on d",
    ]


def test_workers_that_are_alike_differ_in_nothing() -> None:
    assert disagreements({"a": {"keras": "3"}, "b": {"keras": "3"}}) == []
