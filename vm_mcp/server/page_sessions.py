"""Who may use the inbox page in a browser."""

import hmac
import secrets

from pydantic import SecretStr

_MOST_SESSIONS = 100


class Sessions:
    """Who may use the page: whoever has shown a token, by a cookie that stands for it afterwards.

    Args:
        token: The server's own, which opens any number of sessions; None: only one-time tokens do.
    """

    def __init__(self, token: SecretStr | None = None) -> None:
        self._token = token.get_secret_value().strip().encode() if token else b""
        self._once = b""
        self._cookies: list[bytes] = []

    @property
    def has_form(self) -> bool:
        """Whether people are asked for the server's token."""
        return bool(self._token)

    def one_time_token(self) -> str:
        """Return a new token that opens one session; the one before opens none any more."""
        token = secrets.token_urlsafe(32)
        self._once = token.encode()
        return token

    def enter(self, shown: str) -> str:
        """Return a new session's cookie for a token; empty for any other text."""
        is_once = bool(self._once) and hmac.compare_digest(shown.encode(), self._once)
        is_lasting = bool(self._token) and hmac.compare_digest(shown.strip().encode(), self._token)
        if not (is_once or is_lasting):
            return ""
        if is_once:
            self._once = b""
        cookie = secrets.token_urlsafe(32)
        self._cookies = [*self._cookies, cookie.encode()][-_MOST_SESSIONS:]
        return cookie

    def knows(self, cookie: str) -> bool:
        """Return whether a cookie is a session's."""
        return any(hmac.compare_digest(cookie.encode(), known) for known in self._cookies)
