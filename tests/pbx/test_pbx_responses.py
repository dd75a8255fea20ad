"""Which error each refusal of the PBX becomes, with none of the vendor's words in it."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.errors import (
    PbxAuthError,
    PbxError,
    PbxProtocolError,
    PbxRateLimitError,
    PbxRequestError,
    PbxUnavailableError,
    RecordingError,
    VoicemailNotFoundError,
)
from vm_mcp.net.retries import TransientError
from vm_mcp.pbx.responses import Answer, LinkExpiredError, check_answer, check_download

KEY = "K12345678-1234-5678-4321-123456789012"


def answer(status: int, body: bytes | None = b"", **headers: str) -> Answer:
    return Answer(status, httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()}), body)


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (400, f"Gecersiz anahtar: {KEY}", PbxAuthError),
        (400, f"GEÇERSİZ ANAHTAR: {KEY}", PbxAuthError),
        (401, "", PbxAuthError),
        (403, f"<html>{KEY}</html>", PbxAuthError),
        (400, f"invalid API key {KEY}", PbxAuthError),
        (400, "cannot find voicemail with uuid m1", VoicemailNotFoundError),
        (404, "Cannot find voicemail with uuid m1", VoicemailNotFoundError),
        (400, "Tarih araligi 31 gunden uzun olamaz", PbxRequestError),
        (404, "<html>Not Found</html>", PbxRequestError),
        (400, "keyboard interrupt", PbxRequestError),
        (302, "", PbxProtocolError),
    ],
)
def test_a_refusal_is_told_by_its_status_and_words_which_are_not_repeated(
    status: int, text: str, expected: type[PbxError]
) -> None:
    with pytest.raises(PbxError) as caught:
        check_answer(answer(status, text.encode()))
    assert type(caught.value) is expected
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("check", [check_answer, lambda refused: check_download(refused, 10)])
@pytest.mark.parametrize(
    ("status", "wait", "expected", "advice"),
    [
        (429, "7", PbxRateLimitError, "in 7 seconds"),
        (429, "", PbxRateLimitError, "in a minute"),
        (500, "", PbxUnavailableError, "status 500"),
        (503, "12", PbxUnavailableError, "Try again later"),
    ],
)
def test_too_many_requests_and_faults_of_the_pbx_are_worth_a_retry(
    check: object, status: int, wait: str, expected: type[PbxError], advice: str
) -> None:
    assert callable(check)
    with pytest.raises(TransientError) as caught:
        check(answer(status, Retry_After=wait))
    assert type(caught.value.error) is expected
    assert advice in str(caught.value.error)
    assert caught.value.retry_after_seconds == (float(wait) if wait else None)


def test_a_body_of_any_success_is_returned_and_one_too_large_is_not() -> None:
    assert check_answer(answer(200, b"{}")) == check_answer(answer(201, b"{}")) == b"{}"
    with pytest.raises(PbxProtocolError, match="far larger"):
        check_answer(answer(200, None))


def test_a_download_is_its_bytes_a_refused_link_or_too_large() -> None:
    assert check_download(answer(200, b"RIFF"), 10) == b"RIFF"
    for status in (403, 404, 410):
        with pytest.raises(LinkExpiredError):
            check_download(answer(status), 10)
    with pytest.raises(RecordingError, match="larger than 50 MB"):
        check_download(answer(200, None), 50_000_000)


def test_headers_are_read_in_any_case() -> None:
    sent = answer(200, retry_after="3", date="Sun, 06 Nov 1994 08:49:37 GMT")
    assert sent.retry_after_seconds == 3
    assert sent.sent_at
    assert sent.sent_at.year == 1994


@given(st.integers(300, 599), st.binary())
def test_no_refusal_ends_in_anything_but_an_error_of_ours(status: int, body: bytes) -> None:
    with pytest.raises((PbxError, TransientError)) as caught:
        check_answer(answer(status, body))
    assert caught.value.__context__ is None
