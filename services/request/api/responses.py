"""The refusals a caller must be ready for, as the docs show them."""

from typing import Any

Refusals = dict[int | str, dict[str, Any]]

NOT_FOUND: Refusals = {404: {"description": "Not at this desk, not yours, merged, or its data was erased."}}
CHANGED: Refusals = {
    **NOT_FOUND,
    409: {
        "description": "No longer possible; `type` ends in why: changed-meanwhile (with what changed), looks-registered, "
        "child-has-visits, has-begun, withdrawn, too-late-to-undo, already-ended, already-erased, desk-unknown and others."
    },
}
