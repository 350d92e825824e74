import pytest

from pytest_tfgrade.core.acts import ACTS, Layer
from pytest_tfgrade.core.isolation import LAYERS, Isolation, Mode, Profile

REFUSED = {act.name: "refused: EPERM" for act in ACTS}


@pytest.mark.parametrize(
    ("profile", "isolated"),
    [
        (Profile.FULL, True),
        (Profile.STRONG, True),
        (Profile.LIMITS, False),
        (Profile.OFF, False),
    ],
)
def test_only_confined_models_are_isolated(profile: Profile, isolated: bool) -> None:
    assert profile.isolated is isolated
    assert Isolation(profile=profile, acts=REFUSED).holds is isolated


def test_what_was_done_leaks_and_is_named() -> None:
    acts = {**REFUSED, "fork": "done", "use_descriptors": "done: 7 (file)"}

    found = Isolation(profile=Profile.FULL, acts=acts)

    assert found.leaks() == ("start a process", "use open files of the grader's")
    assert not found.holds


@pytest.mark.parametrize("answer", ["not tried: the order has no 'port'", ""])
def test_what_was_not_tried_leaks(answer: str) -> None:
    found = Isolation(profile=Profile.STRONG, acts={**REFUSED, "connect_tcp": answer})

    assert found.leaks() == ("connect to a port of this machine",)


def test_an_act_without_an_answer_leaks() -> None:
    acts = {name: text for name, text in REFUSED.items() if name != "read_secret"}

    assert Isolation(profile=Profile.FULL, acts=acts).leaks() == (
        "read a file of the grader's",
    )


def test_an_act_that_gives_no_way_out_may_succeed() -> None:
    acts = {**REFUSED, "see_secret": "done", "exceed_scratch": "not tried: why"}

    assert Isolation(profile=Profile.STRONG, acts=acts).holds


def test_no_canary_is_no_isolation() -> None:
    required = sum(act.required for act in ACTS)

    found = Isolation(profile=Profile.FULL)

    assert len(found.leaks()) == required
    assert not found.holds


def test_layers_that_are_missing_are_named() -> None:
    layers = {"namespaces": "not permitted", "landlock": None, "seccomp": None}

    found = Isolation(profile=Profile.STRONG, layers=layers, acts=REFUSED)

    assert found.missing() == (Layer.NAMESPACES,)


def test_each_act_has_a_name_and_a_title_of_its_own() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
    assert len({act.title for act in ACTS}) == len(ACTS)


def test_each_layer_has_a_text_and_refuses_something() -> None:
    assert set(LAYERS) == set(Layer)
    assert {layer for act in ACTS for layer in act.layers} == set(Layer)


def test_modes_are_the_values_of_the_option() -> None:
    assert [*Mode] == ["auto", "limits", "off"]
