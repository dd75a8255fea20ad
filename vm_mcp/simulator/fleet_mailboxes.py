"""The accounts of a team: as many as are wanted, with messages that are here or yet to come."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from vm_mcp.simulator.scenario import Message, Scenario

_NAMESPACE = UUID("2f6f8f0e-93c0-4c3b-9f0b-8f7a3f0a7d51")
_EXTENSIONS = ("101", "102", "103")
_CALLERS = ("Ayşe Yılmaz", "Mehmet Kaya", "Zeynep Arslan", "Hasan Demir", "Fatma Öztürk", "Emre Şahin", "")


def fleet(
    accounts: int, messages: int, now: datetime, *, arriving: timedelta = timedelta(0), rate_limit: bool = True
) -> dict[str, Scenario]:
    """Return accounts by their names, ``account-0001`` and on, each with a recording of its own for every message.

    Args:
        accounts: How many.
        messages: Of each.
        now: Current time, aware.
        arriving: In which time from now on the messages arrive, at an even rate and each account's all through it;
            zero: they came before now, one a minute.
        rate_limit: Whether more than 2 requests a second (burst 10) are refused, for each key.
    """
    apart = arriving / max(accounts * messages, 1)
    scenarios = {}
    for number in range(accounts):
        name = f"account-{number + 1:04}"
        scenario = Scenario(api_key=f"K{uuid5(_NAMESPACE, name)}", rate_limit=rate_limit)
        for index in range(messages):
            if arriving:
                scenario.arrivals.append(_message(name, index, now + (index * accounts + number) * apart))
            else:
                scenario.messages.append(_message(name, index, now - timedelta(minutes=index)))
        scenarios[name] = scenario
    return scenarios


def _message(account: str, index: int, received_at: datetime) -> Message:
    uuid = uuid5(_NAMESPACE, f"{account} {index}")
    return Message(
        uuid=str(uuid),
        user_number=_EXTENSIONS[index % len(_EXTENSIONS)],
        caller_id_number=f"0532{uuid.int % 10**7:07}",
        caller_id_name=_CALLERS[uuid.int % len(_CALLERS)],
        received_at=received_at,
        voice="",
    )
