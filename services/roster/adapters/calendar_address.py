"""Which addresses of a carer's own calendar we fetch at all; where they lead is checked again when they are."""

from urllib.parse import urlsplit, urlunsplit

from shared.domain.errors import Invalid

_PORTS = (None, 80, 443)
_LONGEST = 2000


def check_calendar_address(url: str) -> str:
    """The address, webcal as https. Raises Invalid for another kind, one with a password in it, or an odd port."""
    if len(url) > _LONGEST:
        raise Invalid(f"An address has {_LONGEST} characters at most.", pointer="#/url")
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise Invalid("This is not an address we can read.", pointer="#/url") from error
    scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme.lower(), parts.scheme.lower())
    if scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(
            "Give the address of a calendar on the internet: it begins with https:// or webcal://.", pointer="#/url"
        )
    if parts.username or parts.password:
        raise Invalid("An address with a name and password in it is not fetched.", pointer="#/url")
    if port not in _PORTS:
        raise Invalid("Calendars are fetched from the usual ports only (443 or 80).", pointer="#/url")
    return urlunsplit((scheme, parts.netloc, parts.path or "/", parts.query, ""))
