"""What people were told."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.identity import queries
from services.identity.handlers.messages import MessageState
from services.identity.schemas import MessageOut
from shared.auth.dependencies import Entrance, entrance_for
from shared.auth.roles import Role
from shared.http.paging import Page, PagingQuery

router = APIRouter()

TellingEntrance = Annotated[Entrance, Depends(entrance_for(Role.DISPATCHER, Role.ADMIN))]


@router.get("/sent-messages", tags=["messages"])
def list_messages(
    door: TellingEntrance, paging: PagingQuery, state: Annotated[MessageState | None, Query()] = None
) -> Page[MessageOut]:
    """The desk's messages to people, newest first: the local catcher's mailbox, and with a real sender its log."""
    page = door.read(queries.list_messages, paging, state)
    return Page(rows=[MessageOut.model_validate(row) for row in page.rows], next_after=page.next_after)
