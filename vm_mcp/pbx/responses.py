"""What an answer of the PBX means: a body, or the error that its status and text stand for."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from vm_mcp.errors import (
    PbxAuthError,
    PbxForbiddenError,
    PbxProtocolError,
    PbxRateLimitError,
    PbxRequestError,
    PbxUnavailableError,
    RecordingError,
    VoicemailNotFoundError,
)
from vm_mcp.net.retries import TransientError, parse_http_date, parse_retry_after
from vm_mcp.pbx.vendor import KEY_MENU
from vm_mcp.wording import words

# On the voicemail page a wrong key is refused in Turkish and an unknown uuid in English, both with status 400; 401 has
# been seen for the key. So an English text about the key is possible as well.
_NO_VOICEMAIL = "cannot find voicemail"
_BAD_KEY = re.compile(r"anahtar|\b(invalid|wrong|unknown)\b.*\bkey\b")


class LinkExpiredError(RecordingError):
    """The recording's URL is refused; a new one may work."""


class Answer(NamedTuple):
    """One answer, read to its end. Its text may repeat the API key: it is judged here, and quoted nowhere."""

    status: int
    headers: Mapping[str, str]
    """Looked up by name in any case, as httpx does."""
    body: bytes | None
    """None when it was larger than allowed."""

    @property
    def is_redirect(self) -> bool:
        """Whether the status is a 3xx."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST

    @property
    def retry_after_seconds(self) -> float | None:
        """What ``Retry-After`` asks for; None when it is absent or unreadable."""
        return parse_retry_after(self.headers.get("Retry-After", ""))

    @property
    def sent_at(self) -> datetime | None:
        """The ``Date`` of the answer, by the PBX's clock; None when it is absent or unreadable."""
        return parse_http_date(self.headers.get("Date", ""))


def check_answer(answer: Answer, busy_seconds: float | None = None) -> bytes:
    """Return the body of the answer to an API call.

    Args:
        answer: The answer.
        busy_seconds: How long to wait after a 429 that doesn't say; None: as after any other fault.

    Raises:
        TransientError: Too many requests, or a fault at the PBX.
        PbxError: The PBX refuses; the vendor's text decides which kind it is, and is not passed on.
    """
    _check_transient(answer, busy_seconds)
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return _whole(answer)
    if answer.is_redirect:
        raise PbxProtocolError(
            "The PBX redirects to another address, to which the key is not sent. Set VM_MCP_BASE_URL to the address of "
            "its API."
        )
    words = (answer.body or b"").decode(errors="replace").casefold()
    if _NO_VOICEMAIL in words:
        raise VoicemailNotFoundError("No voicemail has that uuid. List the voicemails and use a uuid from there.")
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or _BAD_KEY.search(words):
        raise PbxAuthError(
            "The PBX refuses the API key. Run `vm-mcp login`, or set VM_MCP_API_KEY, with the one shown in {menu}.",
            menu=KEY_MENU,
        )
    raise PbxRequestError(
        "The PBX refuses the request (status {status}). Check its arguments and VM_MCP_BASE_URL.", status=answer.status
    )


def check_optional_answer(answer: Answer, what: str, busy_seconds: float | None = None) -> bytes:
    """Return the body of the answer to a call for something that the key may have no right to.

    Nothing documents how the PBX says so. Whether the key is right at all shows where voicemail is asked for, so any
    other refusal is taken for this one.

    Args:
        answer: The answer.
        what: What was asked for, in the plural, such as ``call records``.
        busy_seconds: See `check_answer`.

    Raises:
        PbxForbiddenError: The PBX refuses.
        TransientError: Too many requests, or a fault at the PBX.
        PbxProtocolError: It redirects, or the body is too large.
    """
    is_refused = HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if is_refused and answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        raise PbxForbiddenError(
            "The PBX refuses this API key the account's {what} (status {status}). Voicemail works without them; to "
            "have them, ask whoever manages the account, or the vendor, to give the key access to {what}.",
            what=what,
            status=answer.status,
        )
    return check_answer(answer, busy_seconds)


def check_download(answer: Answer, max_bytes: int) -> bytes:
    """Return the bytes of a recording.

    Raises:
        TransientError: Too many requests, or a fault at the PBX.
        LinkExpiredError: The link is refused.
        RecordingError: The recording is larger than ``max_bytes``.
    """
    _check_transient(answer)
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise LinkExpiredError("The PBX refuses the recording's link. Ask for the recording again.")
    if answer.body is None:
        raise RecordingError(
            "The recording is larger than {megabytes:g} MB, the most that is downloaded. Listen to it in the "
            "vendor's web console.",
            megabytes=max_bytes / 1e6,
        )
    return answer.body


def _whole(answer: Answer) -> bytes:
    if answer.body is None:
        raise PbxProtocolError(
            "The PBX's answer is far larger than any list. Check that VM_MCP_BASE_URL is the address of its API."
        )
    return answer.body


def _check_transient(answer: Answer, busy_seconds: float | None = None) -> None:
    wait = answer.retry_after_seconds
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        when = words("in {seconds} seconds", seconds=math.ceil(wait)) if wait else words("in a minute")
        raise TransientError(
            PbxRateLimitError("The account has made too many requests to the PBX. Try again {when}.", when=when),
            busy_seconds if wait is None else wait,
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(
            PbxUnavailableError(
                "The PBX reports a fault of its own (status {status}). Try again later.", status=answer.status
            ),
            wait,
        )
