"""The keys that sign access tokens: the first on need, the next before the last is a month old."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, text, update

from services.identity.commands import AddSigningKey
from services.identity.tables import signing_keys
from shared.db.unit_of_work import UnitOfWork

# Verifiers forgive a clock that is a little wrong; so does the publishing of a key.
_LEEWAY = timedelta(seconds=60)


def add_signing_key(command: AddSigningKey, uow: UnitOfWork) -> str:
    """Publish a new key; says which key signs or is about to. Processes take turns, so two never add the same one.

    A later key is published `lead` before it signs, so that nobody meets a token whose key can't be looked up yet.
    The one before stays published until the last token it signed has expired.
    """
    uow.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('identity signing keys', 0))"))
    newest = uow.session.execute(
        select(signing_keys).order_by(signing_keys.c.signs_from.desc(), signing_keys.c.kid).limit(1)
    ).one_or_none()
    limit = command.unless_newer_than
    if newest is not None and (command.only_first or (limit is not None and newest.made_at > limit)):
        return str(newest.kid)
    signs_from = uow.now if newest is None else uow.now + command.lead
    uow.session.execute(
        update(signing_keys)
        .where(signing_keys.c.published_until.is_(None))
        .values(published_until=signs_from + command.tokens_last + _LEEWAY)
    )
    uow.session.execute(delete(signing_keys).where(signing_keys.c.published_until <= uow.now))
    uow.session.execute(
        insert(signing_keys).values(
            kid=command.kid,
            sealed_key=command.sealed_key,
            public_jwk=command.public_jwk,
            made_at=uow.now,
            signs_from=signs_from,
        )
    )
    return command.kid
