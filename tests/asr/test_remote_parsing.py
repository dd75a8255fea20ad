"""What a speech server's address, key and answers may look like."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.remote.endpoint import api_base
from vm_mcp.asr.remote.transcription_response import parse_models, parse_transcription
from vm_mcp.errors import ConfigError, VmError
from vm_mcp.languages import language_code


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://speech.example.com", "https://speech.example.com/v1"),
        ("https://speech.example.com/v1/", "https://speech.example.com/v1"),
        ("https://example.com:8443/speech/v1", "https://example.com:8443/speech/v1"),
        (" http://localhost:8000 ", "http://localhost:8000/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ("http://192.168.1.20", "http://192.168.1.20/v1"),
        ("http://10.0.0.5:8000", "http://10.0.0.5:8000/v1"),
        ("http://100.100.1.2", "http://100.100.1.2/v1"),
        ("http://[fd00::5]", "http://[fd00::5]/v1"),
        ("http://gpu:8000", "http://gpu:8000/v1"),
        ("http://GPU.local", "http://GPU.local/v1"),
        ("http://gpu.lan", "http://gpu.lan/v1"),
    ],
)
def test_an_address_may_be_https_or_local(url: str, base: str) -> None:
    assert api_base(url) == base


@pytest.mark.parametrize(
    "url",
    [
        *("http://speech.example.com", "http://8.8.8.8", "http://134744072", "http://0x08080808"),
        *("http://[2606:4700::1]", "http://[::ffff:8.8.8.8]", "http://lan.example.com", "http://gpu.lan.example"),
        *("ftp://gpu.lan", "gpu.lan:8000", "", "https://", "https://user:secret@example.com", "http://gpu lan"),
        *("https://example.com/v1?key=secret", "https://example.com/#v1", "http://gpu:port", "http://[::1"),
        *("https://example.com\x00", "https://bücher.example", "https://xn--pbx-x.example"),
    ],
)
def test_any_other_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_REMOTE_URL") as caught:
        api_base(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["şifre", "a\nb", "a\x7f"])
def test_a_key_that_no_header_can_hold_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_REMOTE_API_KEY") as caught:
        RemoteTranscriber("https://example.com", SecretStr(key), "", ("tr",))
    error: BaseException | None = caught.value
    while error:
        assert key not in repr(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("turkish", "tr"), ("Turkish ", "tr"), ("tr", "tr"), ("TR", "tr"), ("tr-TR", "tr"), ("en_US", "en")),
        *(("Türkçe", "tr"), ("İNGİLİZCE", "en"), ("TURKISH", "tr"), ("Turkish (Turkey)", "tr"), ("tur", "tr")),
        *(("haitian creole", "ht"), ("unknown", ""), ("", ""), ("xx", "")),
    ],
)
def test_servers_name_languages_in_many_ways(name: str, code: str) -> None:
    assert language_code(name) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("text", "language", "duration", "segments", "start", "end", "avg_logprob", "no_speech_prob")
SHAPED = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_a_transcription_or_our_error(body: bytes) -> None:
    try:
        answer = parse_transcription(body)
    except VmError:
        return
    finally:
        assert isinstance(parse_models(body), list)
    assert isinstance(answer.spoken_segments(), tuple)


@given(SHAPED, st.lists(SHAPED, max_size=3))
def test_segments_are_in_range_whatever_the_numbers(answer: dict[str, Any], segments: list[dict[str, Any]]) -> None:
    received = parse_transcription(json.dumps({"text": "", **answer, "segments": segments}).encode())
    for segment in received.spoken_segments():
        assert 0 <= segment.start_seconds <= segment.end_seconds
        assert segment.text.isprintable()
        assert segment.avg_logprob <= 0 <= segment.no_speech_prob <= 1


@pytest.mark.timeout(30)
def test_an_answer_of_a_hundred_thousand_segments_is_parsed_in_time() -> None:
    segments = [{"text": "a", "start": 0, "end": 1}] * 100_000
    assert len(parse_transcription(json.dumps({"segments": segments}).encode()).spoken_segments()) == 100_000
