"""The table in the docs, and the rows themselves."""

import table
from corpus import ROWS

from pytest_tfgrade.core.codes import Code


def test_the_table_in_the_docs_is_up_to_date() -> None:
    written = table.PAGE.read_text(encoding="utf-8")

    assert written == table.page(), "run: python tests/hostile/table.py"


def test_every_row_has_an_id_of_its_own() -> None:
    ids = [row.id for row in ROWS]
    folders = [row.candidate or row.id for row in ROWS]

    assert len(set(ids)) == len(ids)
    assert len(set(folders)) == len(folders)


def test_every_row_names_results_that_there_are() -> None:
    assert {code for row in ROWS for code in row.expected} <= {*Code, "OK"}
    assert all(row.expected and row.vector and row.defence for row in ROWS)


def test_every_vector_of_the_list_has_a_row() -> None:
    numbers = {row.id.partition("-")[0] for row in ROWS}

    assert {*VECTORS.split()} - numbers == set()


VECTORS = """
K01 K02 K03 K04 K05 K06 K08 K09 K10 K11 K12 K13 K14 K15 K16 K17
Z01 Z02 Z03 Z04 Z05 Z06 S01 S02 S04 S06 S07 S08 T01 T02 T03 F02 F03
R01 R02 R03 R04 R05 R07 R08 R09 R10 R11 N01 N02 N03 N04
P01 P02 P03 P05 P07 P08 P10 O01 O02 O03 O04 C05
"""
"""Of the threat model; what is no submission (F05, X01) has a test of its own,
and checks find out who cheats (C01 to C04): tests/cheats."""
