"""Passwords by argon2id: hashed when set, compared when somebody signs in, kept nowhere else."""

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from shared.domain.errors import Invalid


class Passwords:
    """The policy for new ones, and the comparison that takes as long for an e-mail nobody has."""

    def __init__(self, min_length: int) -> None:
        self._min_length = min_length
        self._argon2id = PasswordHash.recommended()
        # Made now: the first try with an unknown e-mail must not take longer than the next.
        self._nobodys = self._argon2id.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """What is stored of it; salted at random, which is no id and decides nothing. Raises Invalid when too short."""
        if len(password) < self._min_length:
            raise Invalid(
                f"A password needs {self._min_length} characters at least. A few words in a row are easy to remember.",
                pointer="#/password",
            )
        return self._argon2id.hash(password)

    def right(self, password: str, stored: str | None) -> bool:
        """Whether this is the password of that hash; without a hash it is never right, and takes as long to say."""
        try:
            matches = self._argon2id.verify(password, stored or self._nobodys)
        except UnknownHashError:
            return False
        return matches and stored is not None
