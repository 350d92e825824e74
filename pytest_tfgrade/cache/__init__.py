"""What earlier runs found out, kept on disk by content."""

from pytest_tfgrade.cache.store import Store, open_store

__all__ = ["Store", "open_store"]
