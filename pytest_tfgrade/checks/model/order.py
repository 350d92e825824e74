"""In which order data flow through the layers of a model."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from pytest_tfgrade.core.facts import Layer

_Port = tuple[int, bool]
"""Where data enter (False) and leave (True) a layer, known by its ``id``."""


class Flow:
    """What lies downstream of what, in a model with nested models and wrappers.

    The layers of a level are connected as ``inbound`` says, or one after the other
    where no layer of the level says anything.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        """Connect the layers of a model."""
        self._after: dict[_Port, list[_Port]] = defaultdict(list)
        self._connect(layers, None)

    def downstream(
        self, starts: Collection[Layer], candidates: Sequence[Layer]
    ) -> list[Layer]:
        """Return the candidates that take, at any distance, what a start returns."""
        reached: set[_Port] = set()
        waiting = [port for start in starts for port in self._after[id(start), True]]
        while waiting:
            port = waiting.pop()
            if port not in reached:
                reached.add(port)
                waiting.extend(self._after[port])
        return [layer for layer in candidates if (id(layer), False) in reached]

    def _connect(self, layers: Sequence[Layer], holder: Layer | None) -> None:
        named = {layer.name: layer for layer in layers}
        in_line = not any(layer.inbound for layer in layers)
        taken: set[int] = set()
        for at, layer in enumerate(layers):
            before = [named[name] for name in layer.inbound if name in named]
            if in_line and at:
                before = [layers[at - 1]]
            taken.update(map(id, before))
            for other in before:
                self._after[id(other), True].append((id(layer), False))
            if not before and holder is not None:
                self._after[id(holder), False].append((id(layer), False))
            if layer.layers:
                self._connect(layer.layers, layer)
            else:
                self._after[id(layer), False].append((id(layer), True))
        if holder is not None:
            for layer in layers:
                if id(layer) not in taken:
                    self._after[id(layer), True].append((id(holder), True))
