"""What is counted, and that no name, number or word is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from opentelemetry.trace import INVALID_SPAN, Span
from prometheus_client import CollectorRegistry, generate_latest
from support.identity_provider import IdentityProvider
from support.people import MakeAccount, ServeTeam, connected, post

from vm_mcp.errors import InputError
from vm_mcp.net.listening import ListenAddress
from vm_mcp.server.tools import ALL
from vm_mcp.team.metrics import ServerMetrics, new_registry, shown

pytest_plugins = ["support.people_fixtures"]
TOOLS = frozenset(tool.name for tool in ALL)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.mark.anyio
async def test_calls_and_answers_are_counted_without_what_is_in_them(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider, registry: CollectorRegistry
) -> None:
    url = serve_team(make_account("klinik", group="reception"), metrics=ServerMetrics(registry, TOOLS)).url + "/mcp"
    token = provider.token(sub="ayse@example.com", name="Ayşe Yılmaz", groups=["reception"])
    async with connected(url, token) as client:
        await client.call_tool("list_voicemails", {})
        await client.call_tool("search_transcripts", {"query": "randevu"})
        await client.call_tool("list_voicemails", {"since": "gibberish"})
        await client.call_tool("0532 417 28 93", {})
    for refused in ("", "x"):
        await asyncio.to_thread(post, url, refused)
    await asyncio.to_thread(post, url, provider.token(scope="", groups=["reception"]))

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert value("vm_mcp_tool_calls_total", tool="list_voicemails", outcome="ok") == 1
    assert value("vm_mcp_tool_calls_total", tool="list_voicemails", outcome="error") == 1
    assert value("vm_mcp_tool_calls_total", tool="unknown", outcome="error") == 1
    assert value("vm_mcp_tool_seconds_count", tool="search_transcripts") == 1
    assert value("vm_mcp_http_responses_total", status="401") == 2
    assert value("vm_mcp_http_responses_total", status="403") == 1
    assert value("vm_mcp_http_request_seconds_count")
    # Without the values: any digits may be among them.
    text = "\n".join(line.rpartition(" ")[0] for line in generate_latest(registry).decode().splitlines())
    assert "list_voicemails" in text
    assert [word for word in ("Ayşe", "ayse", "randevu", "0532", "klinik", "u-1") if word in text] == []


def test_metrics_are_at_an_address_of_their_own(registry: CollectorRegistry) -> None:
    ServerMetrics(registry, TOOLS).answered(200)
    with shown(registry, ListenAddress("127.0.0.1", 0)) as port:
        found = httpx2.get(f"http://127.0.0.1:{port}/metrics")
        assert 'vm_mcp_http_responses_total{status="200"} 1.0' in found.text
        with pytest.raises(InputError, match="Can't listen"), shown(registry, ListenAddress("127.0.0.1", port)):
            pass


def test_a_process_shows_its_memory_beside() -> None:
    assert b"process_resident_memory_bytes" in generate_latest(new_registry())


class NotedTracer:
    """Stands in for the tracer of an OpenTelemetry SDK."""

    def __init__(self) -> None:
        self.spans: list[str] = []

    @contextmanager
    def start_as_current_span(self, name: str, **said: Any) -> Iterator[Span]:  # noqa: ANN401 - OpenTelemetry's
        self.spans.append(f"{name} {said['attributes']}")
        yield INVALID_SPAN


@pytest.mark.anyio
async def test_the_sdks_spans_name_the_tool_and_nothing_that_is_in_the_call(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = NotedTracer()
    monkeypatch.setattr("mcp.shared._otel._tracer", tracer)
    url = serve_team(make_account("klinik", group="reception")).url + "/mcp"
    async with connected(url, provider.token(name="Ayşe Yılmaz", groups=["reception"])) as client:
        await client.call_tool("search_transcripts", {"query": "randevu"})
    assert "gen_ai.tool.name': 'search_transcripts'" in "\n".join(tracer.spans)
    assert [span for span in tracer.spans if "randevu" in span or "Ayşe" in span] == []
