"""What a user agent of pjsua2 is told to do. It needs no pjsua2."""

import json
from dataclasses import asdict, dataclass

READY = "ready"
"""What an agent that waits for a call prints when it can be called."""


@dataclass(frozen=True)
class Job:
    """What an agent does."""

    sip_port: int
    media_port: int
    codec: str
    """As pjsua2 names it, such as ``PCMA/8000/1``."""
    rate: int
    """Hz at which it plays and records."""
    suppresses_silence: bool = False
    """Whether it sends nothing while its voice detector hears no voice."""
    call: str = ""
    """URI to call; empty: wait for a call, and end with it."""
    play: str = ""
    """WAV file to play into the call; empty: silence."""
    record: str = ""
    """WAV file for what it hears; empty: none."""
    record_own: str = ""
    """WAV file for what it plays, recorded at the same time; empty: none."""
    lead_seconds: float = 0.3
    """From the answer to when it begins to play."""
    seconds: float = 60.0
    """From when it begins to play to when it hangs up; of a waiting agent, how long it waits at most."""
    keyed: tuple[tuple[float, str], ...] = ()
    """Keys that are pressed, each with the seconds after it began to play; sent as RFC 4733 events."""

    def as_json(self) -> str:
        """Return it for the command line."""
        return json.dumps(asdict(self))
