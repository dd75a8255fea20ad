"""One account of the PBX: its services, which share a key, connections and a rate limit."""

from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from vm_mcp.errors import ConfigError
from vm_mcp.pbx import vendor
from vm_mcp.pbx.allowed_voicemails import AllowedVoicemails
from vm_mcp.pbx.calls import CallService
from vm_mcp.pbx.directory import ContactService, ExtensionService
from vm_mcp.pbx.transport import Transport
from vm_mcp.pbx.voicemails import MAX_RECORDING_BYTES, VoicemailService

if TYPE_CHECKING:
    import httpx

    from vm_mcp.config import Settings
    from vm_mcp.pbx.allowed_voicemails import CheckSeen
    from vm_mcp.pbx.request_limits import RequestTurns


class PbxClient:
    """One account of the PBX. Use it from one event loop, and close it there.

    Without ``turns``, each client counts its own requests only, see `vm_mcp.pbx.transport.Transport`. Two clients of
    one account may together exceed the vendor's limit; the vendor then refuses some requests, which are retried.

    Args:
        settings: Key and address.
        max_recording_bytes: A larger recording is refused.
        requests_per_second: Requests that the vendor allows an account; a burst of four and a half seconds' worth goes
            at once.
        transport: Answers in place of the network.
        clock: Returns the current time, aware.
        turns: The account's rate limit where other processes share it; None: one of this client's own.
        on_busy: Called for each request that the vendor refuses as one too many, also if it is retried.

    Raises:
        ConfigError: There is no key, the address is unusable or plain http to another machine, or the proxy or the
            certificates that the environment names can't be used.
    """

    def __init__(  # noqa: PLR0913 - what only tests and teams replace has a default
        self,
        settings: "Settings",
        *,
        max_recording_bytes: int = MAX_RECORDING_BYTES,
        requests_per_second: float = vendor.REQUESTS_PER_SECOND,
        transport: "httpx.AsyncBaseTransport | None" = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        turns: "RequestTurns | None" = None,
        on_busy: Callable[[], None] | None = None,
    ) -> None:
        key = _check_key(settings.api_key, settings.account)
        self._transport = Transport(
            key,
            settings.base_url,
            requests_per_second=requests_per_second,
            clock=clock,
            mock=transport,
            turns=turns,
            on_busy=on_busy,
        )
        self.voicemails: VoicemailService = VoicemailService(self._transport, clock, max_recording_bytes)
        self.calls = CallService(self._transport)
        self.contacts = ContactService(self._transport, requests_per_second)
        self.extensions = ExtensionService(self._transport, requests_per_second)

    def limited_to(self, extensions: frozenset[str], check_seen: "CheckSeen") -> "PbxClient":
        """Return this client with the voicemail of some mailboxes only; close this one, which it shares all else with.

        Args:
            extensions: The mailboxes.
            check_seen: Called before a recording is asked for; raises VoicemailNotFoundError unless it is of these.
        """
        limited = copy(self)
        limited.voicemails = AllowedVoicemails(self.voicemails, extensions, check_seen)
        return limited

    @property
    def clock_offset_seconds(self) -> float | None:
        """How far the PBX's clock is ahead of this computer's, by its last answer; None while unknown."""
        return self._transport.clock_offset_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


def _check_key(key: SecretStr | None, account: str) -> SecretStr:
    value = key.get_secret_value().strip() if key else ""
    if not value:
        if not account:
            raise ConfigError(
                "There is no API key. Run `vm-mcp login`, or set VM_MCP_API_KEY, with the one shown in {menu}.",
                menu=vendor.KEY_MENU,
            )
        raise ConfigError(
            "There is no API key of the account `{account}`. Run `vm-mcp login --account {account}`, or set "
            "VM_MCP_API_KEY, with the one shown in {menu}.",
            account=account,
            menu=vendor.KEY_MENU,
        )
    return SecretStr(value)
