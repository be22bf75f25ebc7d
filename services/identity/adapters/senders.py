"""The ways a message leaves: caught here to be read, or handed to a mail server. All know it by its key."""

import hashlib
import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

from services.identity.settings import IdentitySettings, SenderKind

_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One message to one person. `key` is the same at every attempt."""

    key: str
    channel: str
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class NotSent(Exception):
    """It did not leave; `give_up` when no further attempt can help."""

    def __init__(self, cause: str, *, give_up: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.give_up = give_up


class Sender(Protocol):
    """Hands a message on, or raises NotSent. After a crash the same message may come again under the same key."""

    def send(self, message: Outbound) -> None: ...


class Catcher:
    """Sends nothing anywhere: the row itself is the message, read under GET /sent-messages."""

    def send(self, message: Outbound) -> None:
        """It has arrived where it is kept."""


class Smtp:
    """A mail server; SMS through a provider that takes them by mail. The key becomes the Message-ID."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._settings = settings

    def send(self, message: Outbound) -> None:
        """Raises NotSent; a refused address or sender is final, a server that is away is not."""
        mail = self._mail(message)
        settings = self._settings
        try:
            with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
                if settings.smtp_starttls:
                    server.starttls()
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = min(code for code, _ in error.recipients.values())
            raise NotSent(f"The mail server refused the address ({code}).", give_up=code >= 500) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(f"The mail server did not take it ({type(error).__name__}).") from error

    def _mail(self, message: Outbound) -> EmailMessage:
        to = message.address
        if message.channel == "sms":
            if not self._settings.sms_mail_domain:
                raise NotSent("No way to send an SMS is set up (VESPER_SMS_MAIL_DOMAIN).", give_up=True)
            to = f"{to.lstrip('+').replace(' ', '')}@{self._settings.sms_mail_domain}"
        mail = EmailMessage()
        try:
            mail["From"] = self._settings.smtp_from
            mail["To"] = to
            mail["Subject"] = message.subject
        except ValueError as error:
            raise NotSent("The address can't be written to.", give_up=True) from error
        domain = self._settings.smtp_from.rpartition("@")[2].rstrip(">")
        mail["Message-ID"] = f"<{hashlib.sha256(message.key.encode()).hexdigest()[:40]}@{domain}>"
        mail.set_content(message.text)
        return mail


def sender_of(settings: IdentitySettings) -> Sender:
    """The sender the settings name."""
    return Smtp(settings) if settings.sender is SenderKind.SMTP else Catcher()
