"""Responses to refused requests."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response


class RefusedError(Exception):
    """A request that is refused.

    Args:
        status: The HTTP status.
        error: The code of RFC 6750, or one of ours; empty: the request has no token, for which RFC 6750 defines none.
        description: What is wrong and what to do.
        challenge: Value of ``WWW-Authenticate``; empty: none.
        accounts: Addresses of the accounts that are open to the requester.
    """

    def __init__(
        self, status: int, error: str, description: str, *, challenge: str = "", accounts: tuple[str, ...] = ()
    ) -> None:
        super().__init__(description)
        self.status = status
        self._error = error
        self._description = description
        self._challenge = challenge
        self._accounts = accounts

    def response(self) -> "Response":
        """Return the answer."""
        from starlette.responses import JSONResponse

        body = {"error": self._error or "unauthorized", "error_description": self._description}
        listed = {"accounts": list(self._accounts)} if self._accounts else {}
        headers = {"WWW-Authenticate": self._challenge} if self._challenge else {}
        retried = {"Retry-After": "5"} if self.status == 503 else {}  # noqa: PLR2004 - unavailable
        return JSONResponse(body | listed, self.status, headers | retried)
