"""What a household is found by, and what two registrations of one household have in common."""

import re
from collections.abc import Iterable

from anyascii import anyascii

from services.request.domain.family import Family

_PHONE_DIGITS = 9


def folded(text: str) -> str:
    """In small plain letters and digits, with single spaces: Loïc is found by loic, 12-A by 12 a."""
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(text).lower()))


def digits_of(phone: str) -> str:
    """A phone number's digits, without the zeros that are dialled before it."""
    return "".join(letter for letter in phone if letter.isdigit()).lstrip("0")


def words_of(family: Family) -> str:
    """All that a family may be looked up by: names, numbers, where it lives."""
    home = family.home()
    contacts = [contact["name"] for contact in family.contacts]
    texts = [family.name, *contacts, home.address or "", home.area]
    return " | ".join([*(folded(text) for text in texts if text), *(digits_of(phone) for phone in _phones(family))])


def marks_of(family: Family) -> frozenset[str]:
    """What another registration of this household would have as well: a number, an address, a child with its birthday."""
    home = family.home()
    found = {phone_mark(phone) for phone in _phones(family)}
    emails = [family.email, *(contact["email"] for contact in family.contacts)]
    found |= {f"email:{email.strip().lower()}" for email in emails if email}
    if home.address and not home.approximate:
        found.add(f"home:{folded(home.address)}")
    found |= {
        f"child:{folded(child.first_name)}:{child.born.isoformat()}:{folded(family.name)}"
        for child in family.children
        if child.born is not None
    }
    return frozenset(found)


def phone_mark(phone: str) -> str:
    """What two ways of writing one number have in common: its last digits, at home or from abroad."""
    return f"phone:{digits_of(phone)[-_PHONE_DIGITS:]}"


def _phones(family: Family) -> Iterable[str]:
    numbers = [family.phone, *(contact["phone"] for contact in family.contacts)]
    return dict.fromkeys(number for number in numbers if number and len(digits_of(number)) >= 6)
