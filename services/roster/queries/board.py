"""The roster of a stretch of time as JSON, put together by PostgreSQL: a day of a big desk is thousands of visits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.roster.queries.ranges import check_range


def board_json(session: Session, start: datetime, end: datetime, carer_id: UUID | None, area: str | None) -> str:
    """Visits that lie in or reach into the time, in order, as a JSON array. Raises Invalid for a range too long."""
    check_range(start, end)
    found = session.execute(_BOARD, {"start": start, "end": end, "carer_id": carer_id, "area": area}).scalar_one()
    return str(found)


# A visit is never longer than a day and a stay of half a day more; so far back the index has to look.
_BOARD = text(
    """
    SELECT coalesce(json_agg(row ORDER BY starts_at, visit_id), '[]')::text FROM (
        SELECT v.starts_at, v.visit_id, json_build_object(
            'visit_id', v.visit_id, 'version', v.version, 'state', v.state, 'alert', v.alert, 'kind', v.kind,
            'review', v.review,
            'start', to_char(v.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'end', to_char(v.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
            'zone', v.zone,
            'started_at', to_char(v.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'ended_at', to_char(v.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'expected_at', to_char(v.expected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'mode', v.mode, 'area', v.area, 'shared_care_id', v.shared_care_id, 'urgent', v.urgent,
            'carer', json_build_object(
                'carer_id', v.carer_id, 'first_name', c.first_name, 'last_name', c.last_name),
            'family', json_build_object('family_id', v.family_id, 'name', f.name),
            'children', coalesce((
                SELECT json_agg(child->>'first_name' ORDER BY place)
                FROM jsonb_array_elements(f.children) WITH ORDINALITY AS all_children(child, place)
                WHERE (child->>'child_id')::uuid = ANY (v.child_ids)), '[]')
        ) AS row
        FROM visits v
        JOIN carers c ON c.desk_id = v.desk_id AND c.carer_id = v.carer_id
        JOIN families f ON f.family_id = v.family_id
        WHERE v.starts_at < :end AND v.starts_at > CAST(:start AS timestamptz) - interval '48 hours'
            AND v.ends_at > :start
            AND v.state IN ('rostered', 'on_the_way', 'started', 'completed', 'missed', 'cancelled')
            AND (CAST(:carer_id AS uuid) IS NULL OR v.carer_id = :carer_id)
            AND (CAST(:area AS text) IS NULL OR v.area = :area)
    ) AS rows
    """
)
