"""The roster's tables, version by version."""
