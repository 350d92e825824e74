"""The plain values that every other layer speaks in; no third party, no I/O."""
