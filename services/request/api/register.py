"""The register of unmet need, what became of every minute asked for, and what a person has to look at."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.request.api.responses import CHANGED
from services.request.commands.desk import FinishTask
from services.request.handlers import tasks
from services.request.queries.tasks import tasks_page
from services.request.queries.unmet import as_csv, minutes_of, report, unmet_page
from services.request.schemas.desk import FinishedOut, FinishIn, MinutesOut, RegisterOut, ReportOut, TaskOut, UnmetOut
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(generate_unique_id_function=lambda route: route.name)

Month = Annotated[str, Query(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


@router.get("/unmet", tags=["unmet need"], response_model=Page[UnmetOut])
def find_unmet(door: DispatcherEntrance, paging: PagingQuery) -> Page[UnmetOut]:
    """Every visit for which nobody was found, by its start, with the reasons counted and what would have helped."""
    rows, next_after = door.read(unmet_page, paging.after, paging.limit)
    return Page(rows=[UnmetOut.model_validate(row) for row in rows], next_after=next_after)


@router.get("/unmet/minutes", tags=["unmet need"], response_model=RegisterOut)
def count_minutes(door: DispatcherEntrance, month: Month) -> RegisterOut:
    """What became of every minute asked for in a month: met, partly met, withdrawn or unmet."""
    found = door.read(minutes_of, month)
    return RegisterOut(month=month, states=tuple(MinutesOut.model_validate(each) for each in found))


@router.get("/unmet/report", tags=["unmet need"], response_model=ReportOut)
def report_unmet(door: DispatcherEntrance, month: Month) -> ReportOut:
    """Unmet need of a month by area, reason and hour of the week, for publication: no count below five."""
    return ReportOut.model_validate(door.read(report, month))


@router.get("/unmet/report.csv", tags=["unmet need"], response_class=Response)
def report_unmet_csv(door: DispatcherEntrance, month: Month) -> Response:
    """The same as a table."""
    named = {"Content-Disposition": f'attachment; filename="unmet-{month}.csv"'}
    return Response(as_csv(door.read(report, month)), media_type="text/csv; charset=utf-8", headers=named)


@router.get("/tasks", tags=["tasks"], response_model=Page[TaskOut])
def find_tasks(
    door: DispatcherEntrance,
    paging: PagingQuery,
    kind: Annotated[str | None, Query(max_length=50)] = None,
    family_id: UUID | None = None,
) -> Page[TaskOut]:
    """What a person has to look at, the most pressing first."""
    rows, next_after = door.read(tasks_page, kind, family_id, paging.after, paging.limit)
    return Page(rows=[TaskOut.model_validate(row) for row in rows], next_after=next_after)


@router.post("/tasks/{task_id}/finish", tags=["tasks"], response_model=FinishedOut, responses=CHANGED)
def finish_task(door: DispatcherEntrance, task_id: UUID, body: FinishIn | None = None) -> Response:
    """Somebody looked at it."""
    command = FinishTask(task_id=task_id, how=body.how if body else "done")
    return door.do(tasks.finish_task, command, present=lambda done: FinishedOut(task_id=done))
