"""Who has heard a message: nobody, a person, or only this assistant.

The PBX says of a message that it was read and when for the first time, never by whom, and nothing makes it unread
again. So what this assistant opened is noted before the PBX is asked for the recording (`Retrieval`), and compared with
what the PBX says later.
"""

from datetime import timedelta

from vm_mcp.models import HeardBy, Retrieval, Voicemail

PENDING_FOR = timedelta(minutes=10)
"""How long after an opening the PBX may have been asked, when nobody lived to note its answer."""

SLACK = timedelta(seconds=5)
"""For stamps in whole seconds, and the way there and back."""

UNMEASURED_SLACK = timedelta(minutes=2)
"""How far apart two clocks may be that nobody has compared."""


def heard_by(voicemail: Voicemail, retrieval: Retrieval | None) -> HeardBy:
    """Decide who has heard a message; it is *unheard* unless the answer is ``person``.

    The reasoning, in order:

    1. The PBX shows it unread: nobody. An opening that left no mark failed.
    2. It is read and this assistant never opened it: a person did.
    3. The last list before our opening showed it read: a person was first.
    4. The stamp can't be read: the assistant, since the list said that it was unread, or nobody looked.
    5. The stamp falls within our opening, on the PBX's clock: the assistant. Earlier, a person came between the list
       and us; later, our request did not mark it, and a person did.

    Where the facts leave it open it is the assistant: a message shown as unheard once too often costs a minute, one
    shown as heard that nobody heard is lost.

    Its limits: the PBX keeps the first stamp, so a person who listens after our opening leaves no trace, and the
    message stays ``assistant``. Another assistant with an archive of its own, and any other program, count as persons.
    Without a measured clock, one that is wrong by more than `UNMEASURED_SLACK` makes our own mark look like a
    person's, and a person who listens within that time around our opening is taken for us.

    Args:
        voicemail: As the PBX lists it now.
        retrieval: The first of ours that may have marked it; None when there was none.
    """
    if not voicemail.is_read:
        return "nobody"
    if retrieval is None or retrieval.was_unread is False:
        return "person"
    if voicemail.read_at is None:
        return "assistant"
    measured = retrieval.clock_offset_seconds
    slack = UNMEASURED_SLACK if measured is None else SLACK
    stamp = voicemail.read_at - timedelta(seconds=measured or 0)
    done_at = retrieval.confirmed_at or retrieval.opened_at + PENDING_FOR
    return "assistant" if retrieval.opened_at - slack <= stamp <= done_at + slack else "person"
