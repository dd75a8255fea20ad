"""Choose the messages of a call by what they are, in place of their uuids."""

from typing import TYPE_CHECKING

from vm_mcp.models import Model
from vm_mcp.wording import Words, sentences

if TYPE_CHECKING:
    from vm_mcp.inbox.listing import Listing
    from vm_mcp.inbox.requests import ListRequest

MOST_CHOSEN = 20
"""Messages of one call: transcribed in a minute or two."""


class Chosen(Model):
    """Messages that were chosen, and what is left."""

    uuids: tuple[str, ...]
    """Newest first, each once."""
    notice: Words
    """Which they are, how many are left, and what else the user must know."""
    next_cursor: str = ""
    """For those that are left; empty if none are."""


async def choose(listing: "Listing", request: "ListRequest") -> Chosen:
    """Return the newest messages that match, `MOST_CHOSEN` at most; marks nothing as read.

    Raises:
        VmError: Whatever listing raises.
    """
    page = await listing.page(request.model_copy(update={"limit": MOST_CHOSEN}))
    uuids = tuple(dict.fromkeys(voicemail.uuid for voicemail in page.voicemails))
    filters = {"status": request.status, "since": request.since, "extension": request.extension}
    filters["caller"] = request.caller
    asked = "the cursor" if request.cursor else ", ".join(f"{name} {value}" for name, value in filters.items() if value)
    chosen = f"Took the {len(uuids)} messages that match {asked}."
    if page.next_cursor:
        chosen = f"Took the newest {len(uuids)} messages that match {asked}; others are left: pass `next_cursor`."
    if not uuids:
        chosen = f"No message matches {asked}."
    return Chosen(uuids=uuids, notice=sentences(chosen, page.notice), next_cursor=page.next_cursor)
