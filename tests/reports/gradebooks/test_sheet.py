"""A CSV file whose cells are filled, and which keeps all its other bytes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_tfgrade.core.errors import UsageError
from pytest_tfgrade.reports.interface import PlatformFile
from pytest_tfgrade.reports.sheet import Sheet, read_sheet

CELLS = st.text(st.sampled_from('ab,;"\n\r\t 1=é\u2028'), max_size=5)


def sheet(text: str) -> Sheet:
    return read_sheet(PlatformFile(name="export.csv", text=text))


def unchanged(place: int) -> dict[int, str]:
    del place
    return {}


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        pytest.param("a,b\n1,2", id="without-a-line-end"),
        pytest.param("\ufeffa,b\r\n1,2\r\n", id="byte-order-mark"),
        pytest.param('"a",b\n"1",2\n', id="some-cells-are-quoted"),
        pytest.param('a,b\n"1\n2",3\r4,5\n\n', id="line-ends-of-all-kinds"),
        pytest.param("a;b\n1,5;2\n", id="semicolons"),
        pytest.param("a\tb\n1\t2\n", id="tabs"),
        pytest.param('a,b\nx"y,"p"q\n', id="quotes-where-none-belong"),
    ],
)
def test_a_file_that_is_not_filled_keeps_its_bytes(text: str) -> None:
    written = "".join(sheet(text).filled(unchanged))

    assert written == text


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4), st.booleans())
def test_cells_are_those_that_the_csv_module_reads(
    rows: list[tuple[str, str, str]], quoted: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL) if quoted else csv.writer(text)
    writer.writerows([("p", "q", "r"), *rows])

    read = sheet(text.getvalue())

    assert [row.cells for row in read.rows] == rows
    assert "".join(read.filled(unchanged)) == text.getvalue()


@given(CELLS)
def test_a_filled_cell_says_what_it_was_filled_with_and_the_others_what_they_did(
    content: str,
) -> None:
    read = sheet('a,b,c\n1,,"x, y"\n2,3\n')

    filled = "".join(read.filled(lambda place: {1 + place: content}))

    assert [*csv.reader(io.StringIO(filled, newline=""))] == [
        ["a", "b", "c"],
        ["1", content, "x, y"],
        ["2", "3", content],
    ]


def test_a_filled_cell_is_quoted_where_it_was() -> None:
    read = sheet('a,b\n"",\n')

    filled = "".join(read.filled(lambda _: {0: "1.5", 1: "2.5"}))

    assert filled == 'a,b\n"1.5",2.5\n'


def test_rows_know_the_line_they_begin_in() -> None:
    read = sheet('a,b\n"1\n2",3\n4,5\n')

    assert [row.line for row in read.rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "export.csv: is no table; give the CSV file that the platform exported"),
        (
            "ab\n",
            "export.csv: is no table; give the CSV file that the platform exported",
        ),
        (
            'a,b\n1,2\n"3,4\n',
            "export.csv:3: a quote is not closed; export the file again",
        ),
    ],
)
def test_what_is_no_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        sheet(text)

    assert str(raised.value) == message
