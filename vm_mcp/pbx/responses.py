"""What the PBX's answers mean: the errors that its statuses and refusals stand for."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple

from vm_mcp.errors import (
    PbxAuthError,
    PbxProtocolError,
    PbxRateLimitError,
    PbxRequestError,
    PbxUnavailableError,
    RecordingError,
    VoicemailNotFoundError,
)
from vm_mcp.net.retries import TransientError, parse_http_date, parse_retry_after

_BAD_KEY = re.compile(r"anahtar|\b(invalid|wrong|unknown)\b.*\bkey\b")


class LinkExpiredError(RecordingError):
    """The recording's URL no longer works; a fresh one may."""


class Answer(NamedTuple):
    """One answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Their names in any case."""
    body: bytes | None
    """None when there was more than allowed."""

    @property
    def is_redirect(self) -> bool:
        """Tell whether it sends elsewhere."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST

    @property
    def retry_after_seconds(self) -> float | None:
        """The PBX's ``Retry-After``; None when there is none."""
        return parse_retry_after(self.headers.get("Retry-After", ""))

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, on the PBX's clock; None when it doesn't say."""
        return parse_http_date(self.headers.get("Date", ""))


def check_answer(answer: Answer) -> bytes:
    """Give the body of an API call's answer.

    Raises:
        TransientError: Asking again may help.
        PbxError: It is a refusal; the vendor's words decide which kind, and are not passed on.
    """
    _check_passing(answer)
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return _whole(answer)
    if answer.is_redirect:
        raise PbxProtocolError(
            "The PBX redirects elsewhere, where the key is not sent. Set VM_MCP_BASE_URL to the address of its API."
        )
    words = (answer.body or b"").decode(errors="replace").casefold()
    if "cannot find voicemail" in words:
        raise VoicemailNotFoundError("No voicemail has that uuid. List the voicemails and use a uuid from there.")
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or _BAD_KEY.search(words):
        raise PbxAuthError(
            "The PBX refuses the API key. Run `vm-mcp login`, or set VM_MCP_API_KEY, with the one shown in "
            "Online İşlem Merkezi > Bulut Santralim > Santral Ayarlarım."
        )
    raise PbxRequestError(
        f"The PBX refuses the request (status {answer.status}). Check its arguments and VM_MCP_BASE_URL."
    )


def check_download(answer: Answer, max_bytes: int) -> bytes:
    """Give a recording's bytes.

    Raises:
        TransientError: Asking again may help.
        LinkExpiredError: A new link may help.
        RecordingError: It is larger than ``max_bytes``.
    """
    _check_passing(answer)
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise LinkExpiredError("The PBX doesn't give the recording: its link is refused. Ask for it again.")
    if answer.body is None:
        raise RecordingError(
            f"The recording is larger than {max_bytes / 1e6:g} MB, the most that is downloaded. "
            "Listen to it in the vendor's web console."
        )
    return answer.body


def _whole(answer: Answer) -> bytes:
    if answer.body is None:
        raise PbxProtocolError("The PBX's answer is far larger than any list. Check VM_MCP_BASE_URL.")
    return answer.body


def _check_passing(answer: Answer) -> None:
    """Raise what may pass: too many requests, or trouble at the PBX."""
    wait = answer.retry_after_seconds
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        when = f"in {math.ceil(wait)} seconds" if wait else "in a minute"
        raise TransientError(
            PbxRateLimitError(f"The account's requests to the PBX are used up for now. Try again {when}."), wait
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(
            PbxUnavailableError(f"The PBX has trouble of its own (status {answer.status}). Try again later."), wait
        )
