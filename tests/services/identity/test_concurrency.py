"""What happens when many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from sqlalchemy import text

from services.identity.timers import rotate_when_due
from tests.services.identity.conftest import Register, kid_of, renew, sign_in
from tests.support.service import Trial


def test_twenty_who_need_the_first_key_at_once_get_one(t: Trial) -> None:
    barrier = Barrier(20)

    def keys(_: int) -> list[str]:
        barrier.wait()
        return [key["kid"] for key in t.http.get("/.well-known/jwks.json").json()["keys"]]

    with ThreadPoolExecutor(20) as threads:
        found = list(threads.map(keys, range(20)))
    assert len(found[0]) == 1
    assert found == [found[0]] * 20


def test_a_key_grows_old_and_several_workers_make_one_successor(t: Trial, register: Register) -> None:
    assert rotate_when_due(t.running) == 0, "the first key is made when it is needed"
    register()
    old = kid_of(sign_in(t).json()["access_token"])
    t.clock.advance(timedelta(days=29))
    assert rotate_when_due(t.running) == 0
    t.clock.advance(timedelta(days=1))
    barrier = Barrier(4)

    def rotate(_: int) -> int:
        barrier.wait()
        return rotate_when_due(t.running)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(rotate, range(4)))
    published = t.http.get("/.well-known/jwks.json").json()["keys"]
    assert len(published) == 2
    t.clock.advance(timedelta(seconds=15))
    new = kid_of(sign_in(t).json()["access_token"])
    assert new != old
    assert {key["kid"] for key in published} == {old, new}


def test_of_ten_who_exchange_one_refresh_token_at_once_one_gets_the_next(t: Trial, register: Register) -> None:
    register()
    t.clock.move_to(datetime.now(UTC))
    token = sign_in(t).json()["refresh_token"]
    barrier = Barrier(10)

    def exchange(_: int) -> tuple[int, str]:
        barrier.wait()
        answer = t.http.post("/token", json={"refresh_token": token})
        return answer.status_code, answer.json().get("refresh_token", "")

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(exchange, range(10)))
    assert sorted(status for status, _ in answers) == [200] + [401] * 9
    (won,) = [token for status, token in answers if status == 200]
    t.clock.advance(timedelta(hours=1))
    assert renew(t, won).status_code == 200, "the others' haste doesn't lock the winner out"


def test_tries_at_once_are_all_counted(t: Trial, register: Register) -> None:
    register()
    barrier = Barrier(16)

    def guess(_: int) -> int:
        barrier.wait()
        return int(t.http.post("/sign-in", json={"email": "ann@example.org", "password": "a guess"}).status_code)

    with ThreadPoolExecutor(16) as threads:
        answers = sorted(threads.map(guess, range(16)))
    assert answers == [401] * 10 + [429] * 6
    with t.running.sessions() as session:
        tries = session.execute(text("SELECT tries FROM sign_in_limits")).scalars().all()
    assert sorted(tries) == [16, 16]
