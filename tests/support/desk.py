"""A desk of a running system and its people, who do everything over HTTP: through the services' APIs, or their pages."""

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
from pwdlib.hashers.argon2 import Argon2Hasher

from infra.local.processes import ROOT
from services.identity.commands import RegisterAccount
from services.identity.handlers.accounts import register_account
from services.identity.service import SERVICE as IDENTITY
from services.identity.settings import IdentitySettings
from shared.auth.roles import Role, desk_itself
from shared.service import RunningService
from tests.support.systems import SECRET, System
from tests.support.waiting import wait_until

PASSWORD = "a quiet street by the sea"
PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")
LONG_AGO = "2020-01-01"
ALL_WEEK = tuple({"weekday": day, "start": "00:00", "end": "00:00"} for day in range(7))
# Brighton's middle: one thousandth of a degree to the north is 111 metres.
LATITUDE, LONGITUDE, ZONE = 50.8330, -0.1290, "Europe/London"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Refused(Exception):
    """A service said no: its status, and the last part of the problem's type."""

    def __init__(self, answer: httpx.Response) -> None:
        problem = answer.json()
        self.status = answer.status_code
        self.code = str(problem["type"]).rpartition(":")[2]
        self.detail = str(problem["detail"])
        super().__init__(f"{answer.request.method} {answer.request.url}: {self.status} {self.code} {self.detail}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signed in. `person_id` is the carer or family their account stands for."""

    name: str
    email: str
    person_id: UUID | None
    headers: Mapping[str, str]
    urls: Mapping[str, str]
    http: httpx.Client

    def ask(self, method: str, service: str, path: str, **more: Any) -> httpx.Response:
        """One request, whatever comes of it."""
        headers = {**self.headers, **more.pop("headers", {})}
        return self.http.request(method, f"{self.urls[service]}{path}", headers=headers, **more)

    def get(self, service: str, path: str, **params: Any) -> Any:
        """What the service tells. Raises Refused."""
        asked = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        return _told(self.ask("GET", service, path, params=asked))

    def post(self, service: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Do something, once per key. Raises Refused."""
        return _told(self.ask("POST", service, path, json=body, headers={"Idempotency-Key": key or str(uuid4())}))

    def rows(self, service: str, path: str, **params: Any) -> list[Any]:
        """Every row of a list that comes in pages."""
        page = self.get(service, path, limit=200, **params)
        found: list[Any] = page["rows"]
        while page["next_after"] is not None:
            page = self.get(service, path, limit=200, after=page["next_after"], **params)
            found += page["rows"]
        return found


class Pages:
    """A person's browser: pages read, forms sent as a browser sends them, cookies kept."""

    def __init__(self, base: str, email: str) -> None:
        self._http = httpx.Client(base_url=base, timeout=30, headers={"X-Forwarded-For": _somewhere()})
        signed = self._http.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert signed.status_code == 303, plain(signed.text)

    def read(self, path: str) -> str:
        """The page's HTML. Raises AssertionError for any other answer than the page."""
        answer = self._http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {plain(answer.text)}"
        return answer.text

    def told(self, path: str) -> str:
        """The page's words."""
        return plain(self.read(path))

    def send(self, form_on: str, to: str, fields: Mapping[str, Any] | None = None) -> tuple[str, str]:
        """Fill in the form that is on a page and send it: where it led, and what was told there."""
        token = _CSRF.search(self.read(form_on))
        assert token is not None, f"no form on {form_on}"
        answer = self._http.post(to, data={"csrf": html.unescape(token[1]), **(fields or {})})
        assert answer.status_code == 303, f"{to}: {answer.status_code} {plain(answer.text)}"
        landed = urlsplit(answer.headers["location"])
        return landed.path, parse_qs(landed.query).get("done", [""])[0]

    def refusal(self, form_on: str, to: str, fields: Mapping[str, Any] | None = None) -> tuple[int, str]:
        """Send a form that is refused: the status, and the page's words."""
        token = _CSRF.search(self.read(form_on))
        assert token is not None, f"no form on {form_on}"
        answer = self._http.post(to, data={"csrf": html.unescape(token[1]), **(fields or {})})
        return answer.status_code, plain(answer.text)

    def download(self, path: str) -> bytes:
        """A file behind a link."""
        answer = self._http.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.content


class Desk:
    """One desk, founded by the command that founds an installation's first one; its admin lets the others in."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.slug = uuid4().hex[:10]
        self.http = httpx.Client(timeout=60, limits=httpx.Limits(max_connections=300, max_keepalive_connections=300))
        self.desk_id = _found(system, self._email("admin"), f"The desk of {self.slug}")
        self.admin = self.sign_in(self._email("admin"))
        self.dispatcher = self.join("Dana Desk", Role.DISPATCHER)
        self.clerk = self.join("Cleo Clerk", Role.CLERK)
        self._wait_until_everywhere()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def sign_in(self, email: str) -> Person:
        """Somebody with an account, from an address of their own."""
        answer = self.http.post(
            f"{self.system.urls['identity']}/sign-in",
            json={"email": email, "password": PASSWORD},
            headers={"X-Forwarded-For": _somewhere()},
        )
        told = _told(answer)
        return Person(
            name=told["name"],
            email=email,
            person_id=UUID(told["person_id"]) if told["person_id"] else None,
            headers={"Authorization": f"Bearer {told['access_token']}"},
            urls=self.system.urls,
            http=self.http,
        )

    def join(self, name: str, role: Role, person_id: UUID | None = None) -> Person:
        """Let somebody in, and have them sign in."""
        email = self._email(f"{role}.{name}")
        account = {"email": email, "name": name, "password": PASSWORD, "role": role}
        self.admin.post("identity", "/accounts", account | ({"person_id": str(person_id)} if person_id else {}))
        return self.sign_in(email)

    def pages(self, person: Person) -> Pages:
        """The same person before a browser."""
        return Pages(self.system.urls["web"], person.email)

    def set_tariffs(self, family_minor: int = 1800, carer_minor: int = 1200, **more: Any) -> None:
        """What an hour at a family's home costs and pays, from long ago on; by the minute unless said otherwise."""
        for party, minor in (("family", family_minor), ("carer", carer_minor)):
            facts = {
                "minor_per_hour": minor,
                "currency": "GBP",
                "per": "household",
                "minimum_minutes": 0,
                "rounding_minutes": 1,
                "rounding": "up",
                **more,
            }
            tariff = {"party": party, "mode": "family_home", "valid_from": LONG_AGO, "tariff": facts}
            self.clerk.post("billing", "/tariffs", tariff)

    def let_carers_tell_later(self) -> None:
        """Carers of this desk may tell long before a visit that it happened: a test can't wait for an evening to come."""
        policy = {"valid_from": LONG_AGO, "earliest_check_in_minutes": 60 * 24 * 60}
        self.dispatcher.post("roster", "/policy", policy)

    def details(self, first_name: str, *, north: float = 0.002, **changes: Any) -> dict[str, Any]:
        """A carer who may do everything and lives `north` degrees from the middle."""
        home = {"latitude": LATITUDE + north, "longitude": LONGITUDE, "zone": ZONE, "area": "Elm Grove"}
        return {
            "first_name": first_name,
            "last_name": "Field",
            "email": self._email(f"carer.{first_name}"),
            "modes": ["family_home"],
            "home": {**home, "address": "4 Elm Grove, Brighton"},
            "languages": ["en"],
            "transport": "bike",
            "max_distance_km": 15,
            "opt_ins": ["nights", "weekends", "occasional", "sick_child"],
            "credentials": [{"kind": kind, "valid_from": LONG_AGO, "checked": True} for kind in PAPERS],
            "cleared_on": LONG_AGO,
            **changes,
        }

    def carer(self, first_name: str, **changes: Any) -> Person:
        """Take a carer on who is free all week, and let them in."""
        return self.join(first_name, Role.CARER, self.take_on(first_name, **changes))

    def take_on(self, first_name: str, **changes: Any) -> UUID:
        """Take a carer on who is free all week; says their id."""
        told = self.dispatcher.post("roster", "/carers", self.details(first_name, **changes))
        carer_id = UUID(told["carer_id"])
        self.dispatcher.post("roster", f"/carers/{carer_id}/availability", {"weekly": ALL_WEEK})
        return carer_id

    def let_in(self, carers: Iterable[tuple[str, UUID]]) -> list[Person]:
        """Let many carers in at once. One cheap hash for all: what a password costs is not what they are here for."""
        settings = IdentitySettings(database_url=self.system.databases["identity"].app_url, key_secret=SECRET.key)
        cheap = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        running = RunningService(IDENTITY, settings)
        found = []
        try:
            for name, carer_id in carers:
                account = RegisterAccount(
                    email=self._email(name), name=name, password_hash=cheap, role=Role.CARER, person_id=carer_id
                )
                running.runner.run(register_account, account, caller=desk_itself(self.desk_id))
                found.append(self.sign_in(self._email(name)))
        finally:
            running.close()
        return found

    def family(self, name: str, child: str = "Ife", *, north: float = 0.0) -> Person:
        """Register a family with one child of four years, and let them in."""
        return self.join(name, Role.FAMILY, self.register(name, child, north=north))

    def register(self, name: str, child: str = "Ife", *, north: float = 0.0) -> UUID:
        """Register a family with one child of four years; says its id."""
        home = {"latitude": LATITUDE + north, "longitude": LONGITUDE, "zone": ZONE, "area": "Hanover"}
        body = {
            "name": name,
            "language": "en",
            "email": self._email(f"family.{name}"),
            "home": {**home, "address": "12 Islingword Road, Brighton"},
            # They all live in one house.
            "anyway": True,
            "children": [{"first_name": child, "born": f"{datetime.now(UTC).year - 4}-01-15", "allergies": ["nuts"]}],
        }
        return UUID(self.dispatcher.post("request", "/families", body)["family_id"])

    def ask(self, family_id: UUID | None, start: datetime, end: datetime, **more: Any) -> dict[str, Any]:
        """The family calls for one visit; gives the care request as kept."""
        visit = {"start": start.isoformat(), "end": end.isoformat()}
        body = {
            "family_id": str(family_id),
            "mode": "family_home",
            "visits": [visit],
            "introduction_skipped": skipped(),
            **more,
        }
        told: dict[str, Any] = self.dispatcher.post("request", "/care-requests", body)
        return told

    def offer_for(self, carer: Person, visit_id: str, *, version: int = 1, within: float = 30.0) -> dict[str, Any]:
        """The live offer this carer gets for a version of a visit, once it is there."""

        def found() -> dict[str, Any] | None:
            for offer in carer.get("matching", "/my/offers", live=True)["rows"]:
                if any((v["visit_id"], v["visit_version"]) == (visit_id, version) for v in offer["visits"]):
                    return dict(offer)
            return None

        return wait_until(found, within=within, what=f"{carer.name} has an offer") or {}

    def state_of(self, care_request_id: str, visit_id: str) -> dict[str, Any]:
        """The visit as the desk sees what became of it."""
        asked = self.dispatcher.get("request", f"/care-requests/{care_request_id}")
        return next(visit for visit in asked["visits"] if visit["visit_id"] == visit_id)

    def wait_for(
        self, care_request_id: str, visit_id: str, state: str, carer: Person | None = None, *, within: float = 30.0
    ) -> dict[str, Any]:
        """The visit, once it is in this state, with this carer if one is named."""

        def there() -> dict[str, Any] | None:
            visit = self.state_of(care_request_id, visit_id)
            theirs = carer is None or visit["carer_id"] == str(carer.person_id)
            return visit if visit["state"] == state and theirs else None

        what = f"the visit is {state}" + (f" with {carer.name}" if carer else "")
        return wait_until(there, within=within, what=what) or {}

    def _email(self, name: str) -> str:
        return f"{name.lower().replace(' ', '.')}@{self.slug}.example"

    def _wait_until_everywhere(self) -> None:
        """Billing refuses what it can't price yet: it must have heard of the desk before a tariff is set."""
        wait_until(self._known_to_billing, within=30, what="billing has heard of the desk")

    def _known_to_billing(self) -> bool:
        return self.clerk.ask("GET", "billing", "/policy").is_success


def skipped() -> dict[str, str]:
    """The family's word that nobody has to meet the children first."""
    return {"said_by": "a parent", "said_at": (datetime.now(UTC) - timedelta(days=1)).isoformat()}


def plain(page: str) -> str:
    """A page's words, without its marks and line ends."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def names(people: Sequence[Any]) -> list[str]:
    """Carers' names on a shortlist or among those ruled out, in order."""
    return [person["carer_name"] for person in people]


def _told(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise Refused(answer)
    return answer.json() if answer.content else None


def _found(system: System, email: str, name: str) -> UUID:
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "services.identity", "found", "--desk", name, "--country", "en"),
            *("--admin-email", email, "--admin-name", "Ada Admin"),
        ],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "VESPER_DATABASE_URL": system.databases["identity"].app_url,
            "VESPER_KEY_SECRET": SECRET.key,
        },
        check=False,
    )
    found = re.search(r"is desk ([0-9a-f-]{36})", ran.stdout)
    assert found is not None, ran.stdout + ran.stderr
    return UUID(found[1])


def _somewhere() -> str:
    """A network address of one's own: who tries to sign in too often is counted by it."""
    parts = uuid4().bytes
    return f"10.{parts[0]}.{parts[1]}.{parts[2]}"
