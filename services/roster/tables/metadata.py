"""The metadata that all of the roster's tables share."""

from shared.db.types import new_metadata

METADATA = new_metadata()
