"""`make contracts`: writes the golden files and docs/events.yaml anew after a contract grew, and refuses one that broke.

A contract that has to break gets a new event with a new wire name (`….v2`). One that nobody has ever sent may change as
it likes: delete its golden file first, which the review will see.
"""

import sys

from tests.contracts.asyncapi import DOCUMENT, document
from tests.contracts.golden import FOLDER, as_declared, every_event, golden, path_of
from tests.contracts.shape import breaks


def main() -> int:
    """Write what changed; 1 when a change would break who hears an event, and then nothing is written."""
    refused = [
        f"{event.wire_name}: {said}"
        for event in every_event()
        if path_of(event).exists()
        for said in breaks(golden(event).schema, as_declared(event).schema)
    ]
    if refused:
        sys.stdout.write("\n".join([*refused, "Nothing was written. " + (__doc__ or "").split("\n\n")[1], ""]))
        return 1
    for event in every_event():
        path_of(event).parent.mkdir(parents=True, exist_ok=True)
        path_of(event).write_text(as_declared(event).as_json(), encoding="utf-8")
    for left in set(FOLDER.glob("*/*.json")) - {path_of(event) for event in every_event()}:
        sys.stdout.write(f"{left.name}: no contract declares it any more; delete the file if nobody ever sent it\n")
    DOCUMENT.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
