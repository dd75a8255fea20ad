"""An answer in two forms with the same facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

NO_YEAR = -1
"""Stands for no current year."""
Content_co = TypeVar("Content_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class View(Generic[Content_co]):
    """A compact text and the structured content. Some hosts show a model only one of them, so both hold every fact."""

    text: str
    content: Content_co
    year: int | None = None
    """The current year in the account's zone, which times for a model leave out."""

    def as_json(self) -> dict[str, Any]:
        """Return the content as JSON values, without fields that have their default, such as what is not known."""
        return self.content.model_dump(mode="json", exclude_defaults=True)

    def for_model(self) -> dict[str, Any]:
        """Return the content as `as_json` does, with times as people write them: `vm_mcp.views.rows.Timestamp`."""
        context = self.year or NO_YEAR
        return self.content.model_dump(mode="json", exclude_defaults=True, context=context)


def tab_separated(cells: Iterable[str]) -> str:
    """Return a row of a text table. No name or text holds a tab or line break, so no caller can forge a cell or row."""
    return "\t".join(cells)
