"""Messages leave once per key: claimed, sent, settled; tried again when they could not be."""

import smtplib
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from threading import Barrier
from typing import Any

import pytest

from services.identity.adapters.senders import Catcher, NotSent, Outbound, Smtp, sender_of
from services.identity.service import SERVICE
from services.identity.settings import IdentitySettings
from services.identity.timers import deliver, send_waiting
from shared.auth.roles import Role
from tests.services.identity import facts
from tests.services.identity.conftest import found_desk
from tests.support.postgres import Server
from tests.support.service import Trial, trial


class Recorder:
    """Keeps what it is given; refuses as told."""

    def __init__(self, refuse: Callable[[], None] = lambda: None) -> None:
        self.sent: list[Outbound] = []
        self._refuse = refuse

    def send(self, message: Outbound) -> None:
        self.sent.append(message)
        self._refuse()


def away() -> None:
    raise NotSent("The mail server did not take it (OSError).")


def never() -> None:
    raise NotSent("The mail server refused the address (550).", give_up=True)


def write(t: Trial, offers: bool = True) -> None:
    t.hear(facts.carer(t.desk_id))
    t.hear(facts.family(t.desk_id))
    t.hear(facts.invoice(t.desk_id))
    if offers:
        t.hear(facts.offer(t.desk_id))
    t.run_timers()


def states(t: Trial) -> list[tuple[str, int, str | None]]:
    answer = t.http.get("/sent-messages", headers=t.headers(t.caller(Role.ADMIN))).json()
    return sorted((row["state"], row["attempts"], row["cause"]) for row in answer["rows"])


def test_the_catcher_keeps_messages_to_be_read(t: Trial) -> None:
    write(t)
    assert send_waiting(t.running) == 2
    assert states(t) == [("sent", 1, None)] * 2
    assert send_waiting(t.running) == 0
    headers = t.headers(t.caller(Role.DISPATCHER))
    first = t.http.get("/sent-messages?limit=1&state=sent", headers=headers).json()
    rest = t.http.get(
        "/sent-messages", params={"limit": 1, "state": "sent", "after": first["next_after"]}, headers=headers
    ).json()
    assert {row["channel"] for row in first["rows"] + rest["rows"]} == {"sms", "email"}
    assert rest["next_after"] is None
    assert t.http.get("/sent-messages?state=lost", headers=headers).status_code == 422


def test_the_link_leads_to_the_pages(t: Trial) -> None:
    write(t)
    sender = Recorder()
    deliver(t.running, sender)
    texts = {message.channel: message.text for message in sender.sent}
    assert texts["sms"].endswith(f" http://127.0.0.1:8000/offers/{facts.OFFER}")
    assert "http" not in texts["email"]


def test_a_message_is_sent_once_by_workers_that_run_at_once(t: Trial) -> None:
    write(t)
    sender = Recorder()
    barrier = Barrier(4)

    def run(_: int) -> int:
        barrier.wait()
        return deliver(t.running, sender)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(run, range(4))) == 2
    assert len({message.key for message in sender.sent}) == len(sender.sent) == 2


def test_a_message_that_could_not_leave_is_tried_later_each_time_and_given_up_at_last(t: Trial) -> None:
    write(t, offers=False)
    sender = Recorder(away)
    waits = []
    for attempt in range(1, 9):
        assert deliver(t.running, sender) == 1
        waited = 0
        while attempt < 8 and deliver(t.running, Recorder()) == 0 and waited < 200:
            waited += 1
            t.clock.advance(timedelta(minutes=1))
            if next_is_due(t):
                break
        waits.append(waited)
    assert waits[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert states(t) == [("failed", 8, "The mail server did not take it (OSError).")]
    t.clock.advance(timedelta(days=1))
    assert deliver(t.running, sender) == 0
    assert {message.key for message in sender.sent} == {f"invoice/{facts.INVOICE}"}


def next_is_due(t: Trial) -> bool:
    from services.identity.queries import messages_to_send

    with t.running.sessions() as session:
        return bool(messages_to_send(session, t.clock.now(), 1))


def test_an_address_refused_for_good_is_not_tried_again(t: Trial) -> None:
    write(t, offers=False)
    deliver(t.running, Recorder(never))
    assert states(t) == [("failed", 1, "The mail server refused the address (550).")]


def test_a_worker_killed_between_sending_and_marking_sends_again_under_the_same_key(t: Trial) -> None:
    write(t, offers=False)

    def killed() -> None:
        raise KeyboardInterrupt

    sender = Recorder(killed)
    with pytest.raises(KeyboardInterrupt):
        deliver(t.running, sender)
    again = Recorder()
    assert deliver(t.running, again) == 0, "another may still be sending it"
    t.clock.advance(timedelta(minutes=1))
    assert deliver(t.running, again) == 1
    assert [message.key for message in again.sent] == [message.key for message in sender.sent]
    assert states(t) == [("sent", 2, None)]


def test_what_was_erased_while_it_was_sent_stays_erased(t: Trial) -> None:
    write(t, offers=False)

    def erase() -> None:
        t.hear(facts.erased(t.desk_id))

    deliver(t.running, Recorder(erase))
    assert states(t) == [("failed", 1, "Erased before it was sent.")]


class _Mailbox(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refuse: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.refuse = refuse
        self.mails: list[Any] = []


class _Session(socketserver.StreamRequestHandler):
    """Enough of RFC 5321 to take a mail."""

    server: _Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))
            answer = self.server.refuse if verb == b"RCPT" and self.server.refuse else b"250 fine"
            self.wfile.write((b"221 bye" if verb == b"QUIT" else answer) + b"\r\n")
            if verb == b"QUIT":
                return


@contextmanager
def mailbox(refuse: bytes = b"") -> Iterator[_Mailbox]:
    with _Mailbox(refuse) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def smtp(server: _Mailbox, **changes: Any) -> dict[str, Any]:
    return {
        "sender": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": server.server_address[1],
        "smtp_starttls": False,
        "smtp_from": "Brighton desk <desk@example.org>",
        **changes,
    }


def test_messages_leave_by_mail_with_the_key_as_message_id(postgres_cluster: Server) -> None:
    with mailbox() as server, trial(postgres_cluster, SERVICE, **smtp(server, sms_mail_domain="sms.example")) as t:
        found_desk(t)
        write(t)
        t.running.run_effects()
        mails = {mail["To"]: mail for mail in server.mails}
        assert mails.keys() == {"hill@example.org", "447700900001@sms.example"}
        letter = mails["hill@example.org"]
        assert letter["Subject"] == "Invoice 2026-0007"
        assert letter["From"] == "Brighton desk <desk@example.org>"
        assert "£1,234.56" in letter.get_content()
        assert letter["Message-ID"].endswith("@example.org>")
        assert letter["Message-ID"] != mails["447700900001@sms.example"]["Message-ID"]
        assert states(t) == [("sent", 1, None)] * 2


def a_letter(**changes: str) -> Outbound:
    values = {"key": "k", "channel": "email", "address": "a@example.org", "subject": "S", "text": "T", **changes}
    return Outbound(**values)


def test_a_message_keeps_its_id_at_every_attempt() -> None:
    with mailbox() as server:
        sender = Smtp(IdentitySettings(**smtp(server)))
        for key in ("one", "one", "two"):
            sender.send(a_letter(key=key))
        ids = [mail["Message-ID"] for mail in server.mails]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(("answer", "final"), [(b"550 nobody here", True), (b"451 come back later", False)])
def test_a_refused_address_is_final_if_the_server_says_so(answer: bytes, final: bool) -> None:
    with mailbox(refuse=answer) as server, pytest.raises(NotSent) as refused:
        Smtp(IdentitySettings(**smtp(server))).send(a_letter())
    assert refused.value.give_up is final


def test_a_server_that_is_away_is_not_final() -> None:
    with mailbox() as server:
        settings = IdentitySettings(**smtp(server))
    with pytest.raises(NotSent) as refused:
        Smtp(settings).send(a_letter())
    assert not refused.value.give_up


@pytest.mark.parametrize(
    "letter", [a_letter(channel="sms", address="+44 1"), a_letter(address="a@example.org\nBcc: all@example.org")]
)
def test_what_can_never_leave_is_given_up_at_once(letter: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtplib, "SMTP", None)
    with pytest.raises(NotSent) as refused:
        Smtp(IdentitySettings(sender="smtp")).send(letter)
    assert refused.value.give_up


def test_the_sender_is_the_one_the_settings_name() -> None:
    assert isinstance(sender_of(IdentitySettings()), Catcher)
    assert isinstance(sender_of(IdentitySettings(sender="smtp")), Smtp)
