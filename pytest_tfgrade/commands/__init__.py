"""The commands of ``tfgrade``, a module each; fronts, as ``cli`` that offers them."""
