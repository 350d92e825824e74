"""How fast models are graded, and what is told of it."""

import threading

import pytest

from pytest_tfgrade.engine import Job
from pytest_tfgrade.progress.pace import Pace
from pytest_tfgrade.progress.tally import Tally
from pytest_tfgrade.reports.progress_line import Standing, render_standing


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_there_is_no_rate_of_two_jobs() -> None:
    pace = Pace()
    pace.begin(0.0)
    pace.note(1.0)
    pace.note(2.0)

    assert pace.rate(2.0) is None


def test_a_rate_is_that_of_the_last_fifty_jobs() -> None:
    pace = Pace()
    pace.begin(0.0)
    for second in range(100):
        pace.note(100.0 * second)  # slow at first
    for second in range(1, 51):
        pace.note(9900.0 + second)

    assert pace.rate(9950.0) == 1.0


def test_a_rate_sinks_while_nothing_is_finished() -> None:
    pace = Pace()
    pace.begin(0.0)
    for moment in (1.0, 2.0, 3.0, 4.0):
        pace.note(moment)

    assert [pace.rate(moment) for moment in (4.0, 8.0, 40.0)] == [1.0, 0.5, 0.1]


def test_what_is_recalled_and_the_start_of_tensorflow_say_nothing_of_the_rate(
    clock: Clock,
) -> None:
    tally = Tally(clock)
    tally.began(1000)
    for number in range(500):
        tally.finished(Job(f"recalled{number}", "digits"), recalled=True)
    clock.now += 60  # TensorFlow starts
    for number in range(4):
        job = Job(f"c{number}", "digits")
        tally.started(job)
        clock.now += 2
        tally.finished(job, recalled=False)
        tally.finished(Job(f"again{number}", "digits"), recalled=True)

    standing = tally.standing()

    assert standing == Standing(total=1000, graded=4, recalled=504, rate=0.5)
    assert standing.seconds_left == 492 / 0.5


def test_nothing_stands_before_a_run_has_begun(clock: Clock) -> None:
    assert Tally(clock).standing() is None


def test_what_runs_is_told_the_longest_first(clock: Clock) -> None:
    tally = Tally(clock)
    tally.began(9)
    for name in ("anna", "bob", "carl", "dora"):
        tally.started(Job(name, "digits"))
        clock.now += 6
    tally.finished(Job("bob", "digits"), recalled=False)

    standing = tally.standing()

    assert standing is not None
    assert render_standing(standing) == (
        "1 of 9 tasks (11%); now anna::digits for 24 s, carl::digits for 12 s, "
        "dora::digits"
    )


def test_many_threads_are_counted_right(clock: Clock) -> None:
    tally = Tally(clock)
    tally.began(4000)

    def grade(name: str) -> None:
        for number in range(1000):
            job = Job(name, str(number))
            tally.started(job)
            tally.finished(job, recalled=number % 2 == 0)

    threads = [threading.Thread(target=grade, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    standing = tally.standing()

    assert standing is not None
    assert (standing.graded, standing.recalled, standing.running) == (2000, 2000, ())


@pytest.mark.parametrize(
    ("standing", "text"),
    [
        pytest.param(
            Standing(total=0), "0 of 0 tasks (100%)", id="nothing-to-be-graded"
        ),
        pytest.param(
            Standing(total=9), "0 of 9 tasks (0%); getting ready", id="not-yet-begun"
        ),
        pytest.param(
            Standing(total=9, recalled=9, unreported=12),
            "9 of 9 tasks (100%), 9 from the cache; 12 results to report",
            id="all-graded-and-not-all-reported",
        ),
        pytest.param(
            Standing(total=9, graded=8, rate=0.01, running=(("x::y", 1),) * 5),
            "8 of 9 tasks (88%), 36/h, 2 min left; now x::y, x::y, x::y and 2 more",
            id="more-than-three-run",
        ),
        pytest.param(
            Standing(total=9, running=(("\x1b[2J\n::error::" + "模" * 30, 1),)),
            r"0 of 9 tasks (0%); now \x1b[2J\n::error::" + "模" * 10 + "…",
            id="a-hostile-name",
        ),
    ],
)
def test_a_line_tells_what_is_known(standing: Standing, text: str) -> None:
    assert render_standing(standing) == text


def test_a_line_is_cut_to_the_columns_of_the_terminal() -> None:
    standing = Standing(total=9, running=(("模型", 1),))

    assert [render_standing(standing, width) for width in (28, 25, 4)] == [
        "0 of 9 tasks (0%); now 模型",
        "0 of 9 tasks (0%); now …",
        "0 o…",
    ]
