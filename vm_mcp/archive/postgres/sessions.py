"""One account's transactions, as the parts of `PostgresArchive` run them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from vm_mcp.archive.postgres.connections import Connection
from vm_mcp.archive.postgres.database import PostgresDatabase

T = TypeVar("T")
Work = Callable[[Connection], Awaitable[T]]


class AccountSessions:
    """Runs work in transactions of one account.

    Args:
        database: The team's database.
        account: The account's name.
        extensions: See only messages of these mailboxes; None: of all.
    """

    def __init__(self, database: PostgresDatabase, account: str, extensions: frozenset[str] | None) -> None:
        self.database = database
        self.account = account
        self.extensions = extensions

    async def read(self, work: Work[T]) -> T:
        """Run work that reads, or writes rows of its own; it sees what the reader may see."""
        async with self.database.transaction(self.account, self.extensions) as connection:
            return await work(connection)

    async def write(self, work: Work[T], *, is_whole: bool = False) -> T:
        """Run work alone among all of the account's writers, so that what it reads can't change meanwhile.

        Args:
            work: What to do.
            is_whole: Whether it concerns the whole account, whatever the reader may see; it must return nothing of it.
        """
        extensions = None if is_whole else self.extensions
        async with self.database.transaction(self.account, extensions, is_alone=True) as connection:
            return await work(connection)
