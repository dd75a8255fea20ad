"""The accounts of one simulated PBX, by key."""

from collections.abc import Iterable

from vm_mcp.simulator.scenario import Scenario
from vm_mcp.simulator.simulated_account import SimulatedAccount, SimulatedClock


class SimulatedAccounts:
    """Finds the account that a request is for. One for none of them goes to the first, which refuses it.

    Args:
        scenarios: The accounts, with a key each.
        clock: Returns the current time, aware.
        kept_requests: How many of its latest requests an account keeps; None: all.

    Raises:
        ValueError: There is no account, or two have one key.
    """

    def __init__(self, scenarios: Iterable[Scenario], clock: SimulatedClock, kept_requests: int | None = None) -> None:
        self._accounts = [SimulatedAccount(scenario, clock, kept_requests) for scenario in scenarios]
        self._by_key = {account.scenario.api_key: account for account in self._accounts}
        if not self._accounts or len(self._by_key) < len(self._accounts):
            raise ValueError("give at least one account, and each a key of its own")
        self._by_link: dict[str, SimulatedAccount] = {}

    @property
    def first(self) -> SimulatedAccount:
        """The first account, of which a single one's simulator has no other."""
        return self._accounts[0]

    def by_key(self, key: str) -> SimulatedAccount:
        """Return the account whose key it was at the start."""
        return self._by_key.get(key, self.first)

    def by_link(self, token: str) -> SimulatedAccount:
        """Return the account that handed out a link to a recording."""
        return self._by_link.get(token, self.first)

    def note_link(self, token: str, account: SimulatedAccount) -> None:
        """Remember which account handed out a link."""
        self._by_link[token] = account
