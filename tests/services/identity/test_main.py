"""What a newcomer types: the first desk, and a start without the secret."""

import io
import os
import subprocess
import sys

import pytest

from services.identity.__main__ import found
from services.identity.service import SERVICE
from shared.contracts.identity import AccountRegistered, DeskRegistered
from tests.services.identity.conftest import PASSWORD, sign_in
from tests.support.postgres import Server
from tests.support.service import trial

_FIRST = ["--desk", "Gent", "--country", "be_vl", "--admin-email", "ann@example.org", "--admin-name", "Ann"]


def test_the_first_desk_and_its_admin(
    postgres_cluster: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with trial(postgres_cluster, SERVICE) as t:
        monkeypatch.setenv("VESPER_DATABASE_URL", t.running.settings.database_url)
        monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
        with pytest.raises(SystemExit, match="A password needs 10 characters"):
            found(_FIRST)
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        found(_FIRST)
        assert "ann@example.org may sign in as its admin" in capsys.readouterr().out
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        with pytest.raises(SystemExit, match="has an account already"):
            found(_FIRST)
        (desk,) = t.said(DeskRegistered)
        (account,) = t.said(AccountRegistered)
        assert (desk.desk.currency, desk.desk.zone, desk.desk.languages) == ("EUR", "Europe/Brussels", ("nl",))
        assert (account.desk_id, account.role) == (desk.desk_id, "admin")
        assert sign_in(t).json()["role"] == "admin"


@pytest.mark.parametrize("role", ["api", "worker"])
@pytest.mark.parametrize("secret", ["", "too short"])
def test_neither_api_nor_worker_starts_without_a_secret(role: str, secret: str) -> None:
    environment = {**os.environ, "VESPER_KEY_SECRET": secret}
    command = [sys.executable, "-m", "services.identity", role]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "Set VESPER_KEY_SECRET" in ended.stderr
