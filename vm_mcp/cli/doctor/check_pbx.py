"""The account: whether the PBX accepts the key, how its clock differs, and which archive the key may open."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from vm_mcp.cli.doctor.check_storage import check_account_archive
from vm_mcp.cli.doctor.checks import Check, Checks, failed, passed
from vm_mcp.config import Settings, with_stored_key
from vm_mcp.errors import VmError
from vm_mcp.models import VoicemailPage, VoicemailQuery
from vm_mcp.pbx import PbxClient
from vm_mcp.wording import words

PATIENCE_SECONDS = 12.0
"""The PBX normally answers within one."""
MOST_SKEW_SECONDS = 120.0
"""Beyond this, "today" begins at the wrong time, and a message that only an assistant opened may look heard."""
_SLOW = words(
    "It does not answer within {seconds:g} seconds. Check the network and VM_MCP_BASE_URL.", seconds=PATIENCE_SECONDS
)


async def check_account(settings: Settings) -> Checks:
    """Ask for one list, which marks nothing as read, and check the account's archive with the same key."""
    try:
        keyed = await asyncio.to_thread(with_stored_key, settings)
        client = PbxClient(keyed)
    except VmError as error:
        yield failed("PBX", "not checked", error.words)
        yield await check_account_archive(settings, None)
        return
    async with client:
        listed = await _check_list(client, settings)
        yield listed
        if client.clock_offset_seconds is not None:
            yield _check_clock(client.clock_offset_seconds)
        yield await check_account_archive(keyed, client if listed.status == "ok" else None)


async def list_last_day(client: PbxClient) -> VoicemailPage:
    """Ask for a list of at most one message, to see whether the PBX accepts the key.

    Raises:
        PbxError: It does not, or it can't be reached.
    """
    now = datetime.now(UTC)
    return await client.voicemails.list(VoicemailQuery(since=now - timedelta(days=1), until=now), limit=1)


async def _check_list(client: PbxClient, settings: Settings) -> Check:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            page = await list_last_day(client)
    except TimeoutError:
        return failed("PBX", settings.base_url, _SLOW)
    except VmError as error:
        return failed("PBX", settings.base_url, error.words)
    seconds = time.perf_counter() - started
    count = len(page.voicemails) if page.total_count is None else page.total_count
    return passed(
        "PBX",
        words(
            "{base_url} accepts the key and answers in {seconds:.1f} s; messages of the last 24 hours: {count}",
            base_url=settings.base_url,
            seconds=seconds,
            count=count,
        ),
    )


def _check_clock(offset_seconds: float) -> Check:
    apart = abs(round(offset_seconds))
    if apart <= MOST_SKEW_SECONDS:
        return passed("Clock", "same as the PBX's" if apart <= 1 else words("{apart} s from the PBX's", apart=apart))
    slow = words("this computer's is {apart} s behind the PBX's", apart=apart)
    return failed(
        "Clock",
        slow if offset_seconds > 0 else words("this computer's is {apart} s ahead of the PBX's", apart=apart),
        "Have the operating system set the date and time automatically.",
    )
