"""`python -m infra.local run|up-local|demo|catalog|dead-letters`: what the Makefile's commands do."""

import sys
from collections.abc import Callable
from importlib import import_module

_COMMANDS = {
    "run": "infra.local.run",
    "up-local": "infra.local.up",
    "demo": "infra.local.demo",
    "catalog": "infra.local.catalog.check",
    "dead-letters": "infra.local.letters",
}


def main() -> int:
    """Only what the command needs is imported: checking the catalog starts no pages."""
    if len(sys.argv) < 2 or sys.argv[1] not in _COMMANDS:
        sys.exit(f"usage: python -m infra.local {'|'.join(_COMMANDS)}")
    command: Callable[[], int] = import_module(_COMMANDS[sys.argv[1]]).main
    return command()


sys.exit(main())
