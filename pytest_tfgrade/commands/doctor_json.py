"""What was found out about a machine, for programs."""

from typing import Any

from pytest_tfgrade.commands.examination import Examination
from pytest_tfgrade.commands.inspection_json import dumped
from pytest_tfgrade.core.acts import ACTS
from pytest_tfgrade.core.isolation import LAYERS, Isolation


def as_json(found: Examination) -> str:
    """Return one JSON object; keys are added to it, never renamed."""
    machine, isolation = found.machine, found.isolation
    return dumped(
        {
            "schema": 1,
            "isolated": isolation.holds,
            "sandbox": isolation.profile.value,
            "kernel": machine.kernel,
            "python": machine.python,
            "root": machine.is_root,
            "settings": dict(machine.settings),
            "runtimes": [
                {
                    "name": known.name,
                    "python": known.python,
                    "library": known.library,
                    "keras": known.keras,
                    "missing": known.missing,
                }
                for known in found.runtimes
            ],
            "layers": _layers(isolation),
            "acts": _acts(isolation),
        }
    )


def _layers(isolation: Isolation) -> list[dict[str, Any]]:
    """Return those that a machine may lack."""
    return [
        {
            "name": layer.value,
            "there": isolation.layers[layer] is None,
            "why": isolation.layers[layer],
            "what": text.what,
            "remedies": list(text.remedies),
        }
        for layer, text in LAYERS.items()
        if layer in isolation.layers
    ]


def _acts(isolation: Isolation) -> list[dict[str, Any]]:
    return [
        {
            "name": act.name,
            "title": act.title,
            "possible": isolation.may(act),
            "answer": isolation.acts.get(act.name),
            "tolerated": act.tolerated,
            "layers": [layer.value for layer in act.layers],
        }
        for act in ACTS
    ]
