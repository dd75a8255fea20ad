"""Decide who has listened to a message: nobody, a person, or only this assistant.

The PBX reports that a message was read, and when for the first time, but never by whom, and nothing makes it unread
again. So each retrieval by this assistant is stored before the PBX is asked for the recording (`Retrieval`), and
compared with what the PBX reports later.
"""

from datetime import timedelta

from vm_mcp.models import HeardBy, Retrieval, Voicemail

PENDING_FOR = timedelta(minutes=10)
"""How long an unconfirmed retrieval may have taken, because the process died before it could store the response."""

SLACK = timedelta(seconds=5)
"""Tolerance for timestamps in whole seconds, and for the time that a request and its response take."""

UNMEASURED_SLACK = timedelta(minutes=2)
"""Tolerance for the PBX's clock where it was not compared with this computer's."""


def heard_by(voicemail: Voicemail, retrieval: Retrieval | None) -> HeardBy:
    """Return who has listened to a message. It is *unheard* unless the answer is ``person``.

    The rules, in order:

    1. The PBX shows it as unread: nobody. A retrieval that did not mark it as read has failed.
    2. It is read, and this assistant never retrieved it: a person.
    3. The last list before our retrieval showed it as read: a person was first.
    4. Its timestamp can't be read: the assistant, because the list showed it as unread, or there was no list.
    5. Its timestamp, converted to this computer's clock, lies within our retrieval: the assistant. If it is earlier, a
       person listened between the list and our retrieval. If it is later, our request did not mark the message as
       read, and a person did.

    When in doubt it is the assistant: a message wrongly shown as unheard costs a minute, but one wrongly shown as heard
    is lost.

    Limits: The PBX keeps the first timestamp, so a person who listens after our retrieval leaves no trace, and the
    message stays ``assistant``. Another assistant with its own archive, like any other program, counts as a person. If
    the clocks were not compared, two errors are possible: with clocks more than `UNMEASURED_SLACK` apart, our own
    retrieval looks like a person's, and a person who listens within that time of it is taken for the assistant.

    Args:
        voicemail: The message, as the PBX lists it now.
        retrieval: Our first retrieval that may have marked it as read; None without one.
    """
    if not voicemail.is_read:
        return "nobody"
    if retrieval is None or retrieval.was_unread is False:
        return "person"
    if voicemail.read_at is None:
        return "assistant"
    measured = retrieval.clock_offset_seconds
    slack = UNMEASURED_SLACK if measured is None else SLACK
    read_at = voicemail.read_at - timedelta(seconds=measured or 0)  # on this computer's clock
    done_at = retrieval.confirmed_at or retrieval.opened_at + PENDING_FOR
    return "assistant" if retrieval.opened_at - slack <= read_at <= done_at + slack else "person"


def opening_of(voicemail: Voicemail, retrieval: Retrieval | None) -> Retrieval | None:
    """Return the retrieval that a person had made of a message; None if nobody is named, or nothing came of it.

    Whoever asked for a recording may have listened to it, or read its transcript, or neither. So this never makes a
    message heard: it tells colleagues whom to ask. What the PBX sent was opened, whatever the last list says: that may
    be older.
    """
    if retrieval is None or not retrieval.by:
        return None
    return retrieval if retrieval.confirmed_at or heard_by(voicemail, retrieval) == "assistant" else None
