"""Prometheus metrics of servers; never a name, a telephone number or a word of a message.

Those of workers are in `vm_mcp.team.worker_metrics`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server

from vm_mcp.net.listening import ListenAddress, cannot_listen

_TOOL_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_REQUEST_SECONDS = _TOOL_SECONDS


class ServerMetrics:
    """What ``vm-mcp serve --http`` counts.

    Args:
        registry: What it is shown with.
        tools: The names of the tools. A client may ask for any other, which must not become a series of its own.
    """

    def __init__(self, registry: CollectorRegistry, tools: frozenset[str]) -> None:
        self._tools = tools
        self._calls = Counter(
            "vm_mcp_tool_calls", "Calls of tools, by outcome: ok, error.", ["tool", "outcome"], registry=registry
        )
        self._tool_seconds = Histogram(
            "vm_mcp_tool_seconds",
            "Seconds that calls of tools took.",
            ["tool"],
            buckets=_TOOL_SECONDS,
            registry=registry,
        )
        self._answers = Counter(
            "vm_mcp_http_responses", "Answers by HTTP status: 401, 403 are refusals.", ["status"], registry=registry
        )
        self._request_seconds = Histogram(
            "vm_mcp_http_request_seconds",
            "Seconds that POST requests took.",
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._busy = Counter("vm_mcp_pbx_429", "Requests that the PBX refused as too many.", registry=registry)

    def busy(self) -> None:
        """Count a request that the PBX refused as one too many."""
        self._busy.inc()

    def called(self, tool: str, seconds: float, *, is_error: bool) -> None:
        """Count a call of a tool."""
        name = tool if tool in self._tools else "unknown"
        self._calls.labels(name, "error" if is_error else "ok").inc()
        self._tool_seconds.labels(name).observe(seconds)

    def answered(self, status: int) -> None:
        """Count an answer."""
        self._answers.labels(str(status)).inc()

    def took(self, seconds: float) -> None:
        """Count the time that a request took."""
        self._request_seconds.observe(seconds)


def new_registry() -> CollectorRegistry:
    """Return a registry for the metrics of this process, which also shows its memory, time and open files."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


@contextmanager
def shown(registry: CollectorRegistry, address: ListenAddress) -> Iterator[int]:
    """Serve a registry at ``/metrics`` on an address of its own, in a thread, and yield the port.

    Raises:
        InputError: It can't listen there.
    """
    try:
        server, thread = start_http_server(address.port, address.host, registry)
    except OSError as error:
        raise cannot_listen(address, error) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
