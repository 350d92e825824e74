"""Layers as rows with lines between them."""

from pytest_tfgrade.core.portrait import Architecture, DrawnLayer
from pytest_tfgrade.reports.html.layers import Lanes, LayersDrawing, Row, drawn_layers


def drawn(*layers: DrawnLayer, left_out: int = 0) -> LayersDrawing:
    return drawn_layers(Architecture(layers=layers, left_out=left_out))


def layer(name: str, *inputs: str, depth: int = 0) -> DrawnLayer:
    return DrawnLayer(name=name, kind="Dense", inputs=inputs, depth=depth)


def picture(rows: tuple[Row, ...]) -> list[str]:
    """Return rows as text: * the layer, | a line past it, / a line into it."""
    return [
        "".join(
            "*" if at == lanes.own else "|" if at in lanes.past else "/"
            for at in range(max(lanes.own, *lanes.past, *lanes.into, 0) + 1)
        )
        for lanes in (row.lanes for row in rows)
        if lanes is not None
    ]


def test_a_chain_is_one_line_and_needs_no_words() -> None:
    chain = drawn(layer("a"), layer("b", "a"), layer("c", "b"))

    assert [row.lanes for row in chain.rows] == [
        Lanes(own=0, into=(), past=(), goes_on=True),
        Lanes(own=0, into=(0,), past=(), goes_on=True),
        Lanes(own=0, into=(0,), past=(), goes_on=False),
    ]
    assert all(row.lanes and row.lanes.is_chain for row in chain.rows)
    assert [row.takes for row in chain.rows] == [(), (), ()]
    assert chain.widest == 1


def test_a_branch_takes_a_lane_until_it_is_merged() -> None:
    branched = drawn(
        layer("in"),
        layer("left", "in"),
        layer("right", "in"),
        layer("sum", "left", "right"),
        layer("out", "sum"),
    )

    assert picture(branched.rows) == ["*", "|*", "*|", "*/", "*"]
    assert [row.takes for row in branched.rows] == [
        (),
        (),
        ("in",),
        ("left", "right"),
        (),
    ]
    assert branched.widest == 2


def test_a_line_past_a_block_comes_back() -> None:
    residual = drawn(
        layer("in"),
        layer("a", "in"),
        layer("b", "a"),
        layer("add", "b", "in"),
    )

    assert picture(residual.rows) == ["*", "|*", "|*", "*/"]


def test_layers_within_a_model_lie_within_it() -> None:
    nested = drawn(
        layer("in"),
        layer("inner", "in"),
        layer("x", depth=1),
        layer("y", "x", depth=1),
        layer("out", "inner"),
    )

    assert [row.layer.name for row in nested.rows] == ["in", "inner", "out"]
    assert [row.layer.name for row in nested.rows[1].within] == ["x", "y"]
    assert nested.rows[2].takes == ()


def test_a_depth_that_jumps_or_never_ends_is_drawn_as_deep_as_there_is_room() -> None:
    deep = drawn(
        layer("a", depth=3), *(layer(f"b{at}", depth=at) for at in range(1, 50))
    )

    depth, rows = 0, deep.rows
    while rows:
        depth, rows = depth + 1, rows[-1].within
    assert depth == 6


def test_of_thousands_of_layers_the_first_are_drawn_and_the_rest_are_counted() -> None:
    many = drawn(*(layer(f"l{at}", f"l{at - 1}") for at in range(3000)), left_out=7)

    assert (len(many.rows), many.left_out) == (60, 2947)


def test_a_model_with_too_many_lanes_tells_its_lines_in_words() -> None:
    names = [f"branch{at}" for at in range(20)]
    wide = drawn(
        layer("in"), *(layer(name, "in") for name in names), layer("sum", *names)
    )

    assert [row.lanes for row in wide.rows] == [None] * 22
    assert wide.rows[-1].takes == tuple(names[:6])
    assert wide.rows[-1].takes_more == 14


def test_names_that_are_nowhere_or_twice_or_its_own_do_no_harm() -> None:
    odd = drawn(layer("a", "nowhere", "a"), layer("a", "a", "a"), layer("b", "a"))

    assert picture(odd.rows) == ["*", "*", "*"]
    assert odd.rows[0].takes == ("nowhere", "a")
