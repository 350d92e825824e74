"""Points in time and lengths of time are read as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from pytest_tfgrade.core.times import duration_text, read_duration, read_moment

AS = "write it as 2025-01-31T23:59+01:00 or 2025-01-31 23:59 Europe/Berlin"


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-31T23:59+01:00",
        "2025-01-31 23:59:00 +01:00",
        " 2025-01-31 23:59  Europe/Berlin ",
        "2025-01-31 22:59Z",
    ],
)
def test_a_moment_has_a_zone(text: str) -> None:
    assert read_moment(text).astimezone(UTC) == datetime(
        2025, 1, 31, 22, 59, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-10-26 02:30 Europe/Berlin", datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
        ("2025-03-30 02:30 Europe/Berlin", datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_that_clocks_tell_twice_or_never_is_the_later_one(
    text: str, moment: datetime
) -> None:
    assert read_moment(text).astimezone(UTC) == moment


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("soon", f"must be a time, got 'soon'; {AS}"),
        ("31.01.2025 23:59", f"must be a time, got '31.01.2025 23:59'; {AS}"),
        ("2025-01-31", f"has no time of day, got 2025-01-31; {AS}"),
        ("2025-01-31 23:59", f"has no time zone, got 2025-01-31 23:59:00; {AS}"),
        ("9999-12-31T23:59Z", f"must be a time, got '9999-12-31T23:59Z'; {AS}"),
        ("0001-01-01 00:00Z", f"must be a time, got '0001-01-01 00:00Z'; {AS}"),
        (
            "2025-01-31 23:59 Europe/Atlantis",
            "names a time zone that is not known here, got '2025-01-31 23:59 "
            "Europe/Atlantis'; write it as 2025-01-31T23:59+01:00",
        ),
        (
            "2025-01-31 23:59 ../etc/passwd",
            f"must be a time, got '2025-01-31 23:59 ../etc/passwd'; {AS}",
        ),
    ],
)
def test_what_is_no_moment_is_refused_with_the_way_out(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="write it") as caught:
        read_moment(text)

    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90 s", timedelta(seconds=90)),
        ("1.5h", timedelta(minutes=90)),
        ("1 Day 12 hours", timedelta(hours=36)),
        ("2 weeks", timedelta(days=14)),
    ],
)
def test_a_length_of_time_has_units(text: str, length: timedelta) -> None:
    assert read_duration(text) == length


@pytest.mark.parametrize(
    "text", ["15", "", "-1 day", "1 day and", "day", "1 m", "1 month", "99999999 days"]
)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="got"):
        read_duration(text)


@pytest.mark.parametrize(
    "length", [timedelta(seconds=s) for s in (0, 1, 60, 3661, 86_400, 90_061)]
)
def test_a_length_of_time_that_is_written_is_never_too_short(length: timedelta) -> None:
    read = read_duration(duration_text(length))

    assert length <= read < length + timedelta(minutes=1)
