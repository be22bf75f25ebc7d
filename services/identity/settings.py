"""What an identity process is told by its environment."""

import sys
from enum import StrEnum

from shared.settings import ServiceSettings

SHORTEST_SECRET = 32


class SenderKind(StrEnum):
    """How messages leave: caught (only kept, to be read in the sent messages) or by SMTP."""

    CATCHER = "catcher"
    SMTP = "smtp"


class IdentitySettings(ServiceSettings):
    """Lifetimes, limits and the way out for messages. `key_secret` has no default: it seals the signing keys."""

    key_secret: str = ""
    key_days: int = 30
    # Longer than services wait between two looks at the published keys, so that none meets a key it can't look up.
    key_lead_seconds: int = 15
    access_token_minutes: int = 10
    refresh_token_days: int = 30
    refresh_grace_seconds: int = 10
    password_min_length: int = 10
    sign_in_window_minutes: int = 15
    sign_in_tries_per_email: int = 10
    sign_in_tries_per_address: int = 100
    public_url: str = "http://127.0.0.1:8000"
    sender: SenderKind = SenderKind.CATCHER
    send_attempts: int = 8
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = True
    smtp_from: str = "vesper@localhost"
    # A provider that turns mail to <phone>@<domain> into an SMS; empty where there is none.
    sms_mail_domain: str = ""

    def check_secret(self) -> None:
        """Ends the process when the secret is missing or short: it must never run with one that can be guessed."""
        if len(self.key_secret) < SHORTEST_SECRET:
            sys.exit(
                f"Set VESPER_KEY_SECRET to at least {SHORTEST_SECRET} random characters, the same for every identity "
                "process; for example the output of: openssl rand -hex 32"
            )
