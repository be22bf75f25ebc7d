"""Every route of every service, driven by its own OpenAPI with what fits and what doesn't: never a 500, one shape of no."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from httpx import Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from infra.local.system import SERVICES
from shared.service import Service
from tests.support.postgres import Server
from tests.support.service import Trial, trial

# Enough to find what breaks, few enough for every run; a changed route gets other examples of its own.
EXAMPLES = 6
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MEMBERS = {"type", "title", "status", "detail", "instance"}
PERSON = UUID("6d3f0b4e-7c61-4d3b-9a52-0f6a5b1c2d3e")


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.param
    return found


@pytest.fixture
def t(postgres_cluster: Server, service: Service) -> Iterator[Trial]:
    with trial(postgres_cluster, service) as running:
        yield running


def headers_for(t: Trial, service: Service) -> Mapping[tuple[str, str], dict[str, str]]:
    """For each route the headers of somebody who may call it."""
    found = {}
    for row in import_module(f"tests.access.{service.name}").ACCESS:
        roles = sorted(row.roles or ())
        found[row.method, row.path] = t.headers(t.caller(roles[0], person_id=PERSON)) if roles else {}
    return found


def send(t: Trial, case: Any, headers: Mapping[str, str]) -> Response:
    told = case.as_transport_kwargs(base_url="http://testserver")
    given_headers = {
        name: value
        for name, value in told["headers"].items()
        if name.lower() != "authorization" and value.isascii() and value.isprintable()
    }
    content = json.dumps(told["json"]) if "json" in told else told.get("data")
    answer: Response = t.http.request(
        told["method"], told["url"], params=told["params"], content=content, headers={**given_headers, **headers}
    )
    return answer


def check(answer: Response) -> None:
    """A refusal is a problem whole, in our shape, and no fault of ours."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        return
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() - {"errors"} == MEMBERS or problem.keys() > MEMBERS, problem
    assert problem["status"] == answer.status_code
    assert all(isinstance(problem[member], str) and problem[member] for member in MEMBERS - {"status"})
    if answer.status_code == 422:
        assert problem["errors"], "says which field"
    for error in problem.get("errors", ()):
        assert error["detail"]
        assert error["pointer"].startswith("#")


def test_whatever_is_sent_the_answer_is_a_documented_one_and_never_our_fault(t: Trial, service: Service) -> None:
    schema = schemathesis.openapi.from_dict(t.http.app.openapi())  # type: ignore[attr-defined]
    allowed = headers_for(t, service)
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    for operation in operations:
        headers = allowed[operation.method.upper(), operation.path]
        for mode in GenerationMode:
            # A route that takes nothing can be given nothing wrong.
            with contextlib.suppress(Unsatisfiable):
                _drive(t, operation.as_strategy(generation_mode=mode), headers)


def _drive(t: Trial, cases: Any, headers: Mapping[str, str]) -> None:
    @BOUNDED
    @given(case=cases)
    def drive(case: Any) -> None:
        answer = send(t, case, headers)
        check(answer)
        if answer.content and answer.headers.get("content-type", "").startswith("application/json"):
            case.validate_response(answer, checks=[response_schema_conformance, content_type_conformance])

    drive()


def test_the_documents_show_our_problems_and_nowhere_the_frameworks_own(t: Trial) -> None:
    document = t.http.get("/openapi.json").json()
    assert "HTTPValidationError" not in json.dumps(document)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            refusals = operation["responses"]["default"]["content"]
            assert list(refusals) == ["application/problem+json"], (method, path)
