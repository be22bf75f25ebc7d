"""A carer's photo: small, and really a picture."""

from shared.domain.errors import Invalid

LARGEST_BYTES = 300_000
_BEGINS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


def check_photo(media_type: str, body: bytes) -> None:
    """Raises Invalid for another kind of file than JPEG or PNG, whatever it is called, or one that is too large."""
    if media_type not in _BEGINS:
        raise Invalid(f"A photo is {' or '.join(sorted(_BEGINS))}.", pointer="#/media_type")
    if not body.startswith(_BEGINS[media_type]):
        raise Invalid("This file is not the kind of picture it says it is.", pointer="#/body")
    if len(body) > LARGEST_BYTES:
        raise Invalid(f"A photo may have {LARGEST_BYTES // 1000} kB at most: make it smaller.", pointer="#/body")
