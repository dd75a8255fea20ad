"""What a worker shows of itself to Prometheus: never a name, a telephone number or a word of a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from vm_mcp.errors import VmError
from vm_mcp.net.listening import ListenAddress
from vm_mcp.team.metrics import new_registry, shown

if TYPE_CHECKING:
    from vm_mcp.archive.postgres import PostgresDatabase

_DEPTH = """
    SELECT queue_name, status::text, count(*) AS jobs FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing', 'failed') AND task_name IN ('poll', 'fetch', 'transcribe')
    GROUP BY queue_name, status
"""
_OLDEST = """
    SELECT coalesce(max(extract(epoch FROM now())::float - (args->>'since')::float), 0) AS seconds
    FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND task_name IN ('fetch', 'transcribe')
"""
_REFUSED = "SELECT count(*) AS accounts FROM account_polls WHERE kind = 'PbxAuthError'"
_SECONDS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800)


class WorkerMetrics:
    """One worker's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.is_served = False
        """Whether somebody may look at them."""
        self._depth = Gauge("vm_mcp_jobs", "Jobs by queue and status", ["queue", "status"], registry=self.registry)
        self._oldest = Gauge(
            "vm_mcp_oldest_message_seconds", "Age of the message that has waited longest", registry=self.registry
        )
        self._refused = Gauge("vm_mcp_accounts_refused", "Accounts whose key is refused", registry=self.registry)
        self._seconds = Histogram(
            "vm_mcp_transcription_seconds", "Seconds a message", buckets=_SECONDS, registry=self.registry
        )
        self._busy = Counter("vm_mcp_pbx_429", "Requests that the PBX refused as too many", registry=self.registry)
        self._failures = Counter(
            "vm_mcp_failures", "Failures by job and kind of error", ["job", "kind"], registry=self.registry
        )
        self._again = Counter(
            "vm_mcp_recordings_asked_again", "Recordings asked for more than once", registry=self.registry
        )
        self._rescued = Counter("vm_mcp_jobs_rescued", "Jobs of workers that died", registry=self.registry)

    @contextmanager
    def served(self, address: ListenAddress) -> Iterator[int]:
        """Serve them at ``/metrics``, from a thread, and yield the port.

        Raises:
            InputError: It can't listen there.
        """
        with shown(self.registry, address) as port:
            self.is_served = True
            yield port

    async def refresh(self, database: "PostgresDatabase") -> None:
        """Count the jobs of all workers.

        Raises:
            ArchiveError: The database can't be used.
        """
        async with database.operation() as connection:
            depths = await (await connection.execute(_DEPTH)).fetchall()
            oldest = await (await connection.execute(_OLDEST)).fetchone()
            refused = await (await connection.execute(_REFUSED)).fetchone()
        self._depth.clear()
        for row in depths:
            self._depth.labels(row["queue_name"], row["status"]).set(row["jobs"])
        self._oldest.set(oldest["seconds"] if oldest else 0)
        self._refused.set(refused["accounts"] if refused else 0)

    def transcribed(self, seconds: float) -> None:
        """Note how long a message took."""
        self._seconds.observe(seconds)

    def failed(self, job: str, error: VmError) -> None:
        """Count a failure."""
        self._failures.labels(job, type(error).__name__).inc()

    def busy(self) -> None:
        """Count a request that the PBX refused as one too many."""
        self._busy.inc()

    def asked_again(self) -> None:
        """Count a recording that is asked for although it was before."""
        self._again.inc()

    def rescued(self, jobs: int) -> None:
        """Count jobs of workers that died."""
        self._rescued.inc(jobs)
