"""What a week came to, counted by plain SQL in the services' databases; shares no code with the services."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from infra.local.postgres.provision import Databases, connection

_FILLED = "SELECT count(*) FROM visits WHERE desk_id = %(desk)s AND state = 'completed'"

_SAME_CARER = """
    WITH given AS (
        SELECT family_id, carer_id, count(*) AS visits FROM visits
        WHERE desk_id = %(desk)s AND state = 'completed' GROUP BY family_id, carer_id
    ), most AS (SELECT family_id, max(visits) AS most, sum(visits) AS visits FROM given GROUP BY family_id)
    SELECT coalesce(round(sum(most) / nullif(sum(visits), 0), 3), 0) FROM most
"""

_DISTINCT_CARERS = """
    SELECT coalesce(max(carers), 0) FROM (
        SELECT count(DISTINCT carer_id) AS carers FROM visits, unnest(child_ids) AS child_id
        WHERE desk_id = %(desk)s AND state = 'completed' GROUP BY child_id
    ) AS per_child
"""

_HOURS_CARED = """
    SELECT coalesce(round(sum(extract(epoch FROM ended_at - started_at)) / 3600, 1), 0) FROM visits
    WHERE desk_id = %(desk)s AND state = 'completed'
"""

# Held at two places at once, by what was agreed or by what really happened.
_DOUBLE_BOOKINGS = """
    SELECT count(*) FROM visits AS one JOIN visits AS other
        ON one.carer_id = other.carer_id AND one.visit_id < other.visit_id AND one.place_id <> other.place_id
    WHERE one.desk_id = %(desk)s AND other.desk_id = %(desk)s
        AND one.state IN ('rostered', 'started', 'completed') AND other.state IN ('rostered', 'started', 'completed')
        AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
"""

_LEDGER = """
    SELECT coalesce(max(abs(balance)), 0) FROM (
        SELECT sum(minor) AS balance FROM entries WHERE desk_id = %(desk)s GROUP BY posting_id, currency
    ) AS per_posting
"""

_INVOICED_TO_TWO = """
    SELECT count(*) FROM (
        SELECT stretch_id FROM charges
        WHERE desk_id = %(desk)s AND invoice_id IS NOT NULL AND reverses_charge_id IS NULL
        GROUP BY stretch_id HAVING count(DISTINCT invoice_id) >= 2 AND count(DISTINCT family_id) >= 2
    ) AS shared
"""

_UNFILLED = """
    SELECT progress.state, (
        SELECT unmet.reasons FROM unmet_needs AS unmet
        WHERE unmet.visit_id = visits.visit_id ORDER BY unmet.recorded_at DESC, unmet.unmet_id DESC LIMIT 1
    )
    FROM visits JOIN visit_progress AS progress USING (visit_id)
    WHERE visits.desk_id = %(desk)s AND visits.removed_at IS NULL AND progress.state <> 'completed'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The week of one desk in numbers; money in minor units of its currency."""

    requests: int
    visits: int
    visits_filled: int
    visits_unfilled: int
    unfilled_by_reason: Mapping[str, int]
    same_carer_share: float
    distinct_carers_per_child_max: int
    travel_km: float
    hours_cared: float
    invoices: int
    invoiced_minor: int
    payouts_minor: int
    ledger_balance_minor: int
    offers: int
    offers_accepted: int
    double_bookings: int
    shared_invoiced_to_two: int

    def as_json(self) -> str:
        """One line, without what the table alone tells."""
        numbers = asdict(self)
        numbers.pop("shared_invoiced_to_two")
        return json.dumps(numbers)


def report(databases: Mapping[str, Databases], desk_id: UUID) -> Report:
    """Count the week of this desk."""

    def ask(service: str, statement: str) -> Any:
        with connection(databases[service].owner_url) as open_connection:
            return open_connection.execute(statement, {"desk": desk_id}).fetchall()

    def number(service: str, statement: str) -> Any:
        return ask(service, statement)[0][0]

    visits = number("request", "SELECT count(*) FROM visits WHERE desk_id = %(desk)s AND removed_at IS NULL")
    filled = number("roster", _FILLED)
    return Report(
        requests=number("request", "SELECT count(*) FROM care_requests WHERE desk_id = %(desk)s"),
        visits=visits,
        visits_filled=filled,
        visits_unfilled=visits - filled,
        unfilled_by_reason=_by_reason(ask("request", _UNFILLED)),
        same_carer_share=float(number("roster", _SAME_CARER)),
        distinct_carers_per_child_max=number("roster", _DISTINCT_CARERS),
        travel_km=round(
            number("roster", "SELECT coalesce(sum(metres), 0) FROM travel_legs WHERE desk_id = %(desk)s") / 1000, 1
        ),
        hours_cared=float(number("roster", _HOURS_CARED)),
        invoices=number("billing", "SELECT count(*) FROM invoices WHERE desk_id = %(desk)s"),
        invoiced_minor=int(
            number("billing", "SELECT coalesce(sum(total_minor), 0) FROM invoices WHERE desk_id = %(desk)s")
        ),
        payouts_minor=int(number("billing", "SELECT coalesce(sum(minor), 0) FROM payouts WHERE desk_id = %(desk)s")),
        ledger_balance_minor=int(number("billing", _LEDGER)),
        offers=number("matching", "SELECT count(*) FROM offers WHERE desk_id = %(desk)s"),
        offers_accepted=number(
            "matching", "SELECT count(*) FROM offers WHERE desk_id = %(desk)s AND state = 'accepted'"
        ),
        double_bookings=number("roster", _DOUBLE_BOOKINGS),
        shared_invoiced_to_two=number("billing", _INVOICED_TO_TWO),
    )


def _by_reason(rows: list[tuple[str, Any]]) -> dict[str, int]:
    # What kept most carers away; a visit nobody was ever missing for carries the state it ended in.
    found: Counter[str] = Counter()
    for state, reasons in rows:
        ranked = sorted(((count, code) for code, count in reasons or []), key=lambda each: (-each[0], each[1]))
        found[ranked[0][1] if ranked else state] += 1
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
