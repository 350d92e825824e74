"""CSV files of graders, with the place of every cell."""

import re
from pathlib import Path

import pytest

from pytest_tfgrade.documents import Invalid, Location
from pytest_tfgrade.documents.table import Cell, read_table


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(raw)
    return path


def test_a_cell_knows_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, '\nwho, due\r\n\r\n"a, b" ,"x"\n c\n')

    table = read_table(path)

    assert table.header == (
        Cell("who", Location(path, 2, 1)),
        Cell("due", Location(path, 2, 6)),
    )
    assert table.rows == (
        (Cell("a, b", Location(path, 4, 1)), Cell("x", Location(path, 4, 9))),
        (Cell("c", Location(path, 5, 2)),),
    )


@pytest.mark.parametrize(
    "content",
    [
        "who;due\nada;now, then\n",
        "who\tdue\nada\tnow, then\n",
        'who,due\nada,"now, then"\n',
        "sep=|\nwho|due\nada|now, then\n",
        "\ufeffwho;due\nada;now, then\n",
        "who;due\nada;now, then\n".encode("utf-16"),
    ],
)
def test_what_spreadsheets_save_is_read(tmp_path: Path, content: str | bytes) -> None:
    table = read_table(written(tmp_path, content))

    rows = [[cell.text for cell in row] for row in (table.header, *table.rows)]
    assert rows == [["who", "due"], ["ada", "now, then"]]


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("", ["1:1: is empty; write a header, and a line for each"]),
        (
            "who,due\na,b,c\na,b,\nd,e,f,g\n",
            [
                "2:5: has 3 cells under a header of 2; put in quotes what holds the "
                "sign between cells",
                "4:5: has 4 cells under a header of 2; put in quotes what holds the "
                "sign between cells",
            ],
        ),
        (
            'who,due\n"a,b\nc,d\n',
            ["2:1: a cell goes on over several lines; close its quote"],
        ),
        (
            f'who,due\n"{"a" * 200_000}\n',
            ["2:1: a cell goes on over several lines; close its quote"],
        ),
        (
            "who\n\nJosé\n".encode("cp1252"),
            ["3:1: is not UTF-8 text; save the file as CSV UTF-8"],
        ),
        (b"PK\x03\x04", ["1:1: is a spreadsheet; save it as CSV UTF-8"]),
    ],
)
def test_what_is_no_table_is_refused_with_every_place(
    tmp_path: Path, content: str | bytes, problems: list[str]
) -> None:
    path = written(tmp_path, content)

    with pytest.raises(Invalid) as caught:
        read_table(path)

    assert str(caught.value).splitlines() == [f"{path}:{text}" for text in problems]


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"

    with pytest.raises(
        Invalid, match=re.escape(f"{path}:1:1: cannot be read: No such")
    ):
        read_table(path)
