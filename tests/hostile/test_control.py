"""What the corpus looks for would be found: without a sandbox it is there."""

from typing import TYPE_CHECKING

from runs import run

if TYPE_CHECKING:
    from conftest import Corpus


def test_without_a_sandbox_rows_have_an_effect(corpus: "Corpus") -> None:
    course, listeners, _ = corpus

    done = run(course, "controls", None, listeners, "--tfgrade-sandbox=off")

    assert done.effects == ("K04-marker",)
    assert set(done.received) == {"tcp: b'x'"}
    assert "NOT ISOLATED" in done.written["terminal"]
