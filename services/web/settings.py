"""What the pages are told by their environment: where the five services are, and the secret of the session cookie."""

from shared.settings import ServiceSettings


class WebSettings(ServiceSettings):
    """Settings of the pages. Without a cookie secret `main` refuses to start."""

    request_url: str = "http://127.0.0.1:8001"
    matching_url: str = "http://127.0.0.1:8002"
    roster_url: str = "http://127.0.0.1:8003"
    billing_url: str = "http://127.0.0.1:8004"
    identity_url: str = "http://127.0.0.1:8005"
    cookie_secret: str = ""
    # The pages' own address, to which another issuer sends people back.
    public_url: str = "http://127.0.0.1:8000"
    # Another OpenID Connect issuer signs people in when it is named; what its tokens say is set as for every service.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scope: str = "openid profile offline_access"
    answer_seconds: float = 10.0
    heartbeat_seconds: float = 15.0
    # A stream ends now and then, so that a closed account or a lost role is noticed when it is opened again.
    stream_seconds: float = 600.0
