"""What several routes do on their way in: reads that are logged, and whom an account stands for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Response

from shared.auth.dependencies import Entrance
from shared.commands import Handler
from shared.domain.errors import NotFound

C = TypeVar("C")
R = TypeVar("R")


def logged_read(door: Entrance, handler: Handler[C, R], command: C, present: Callable[[R], Any]) -> Response:
    """Read through the one path, so that it is logged; the answer is kept under no key, it is about children."""
    return replace(door, key=None).do(handler, command, present=present)


def whom_for(door: Entrance) -> UUID:
    """The family or referrer the account stands for. Raises NotFound for one that stands for nobody."""
    if door.caller.person_id is None:
        raise NotFound("Your account stands for nobody at this desk; ask your desk to link it.")
    return door.caller.person_id
