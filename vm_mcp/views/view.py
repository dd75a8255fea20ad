"""An answer in two forms with the same facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

Content_co = TypeVar("Content_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class View(Generic[Content_co]):
    """A compact text and the structured content. Some hosts show a model only one of them, so both hold every fact."""

    text: str
    content: Content_co

    def as_json(self) -> dict[str, Any]:
        """Return the content as JSON values, without fields that have their default, such as what is not known."""
        return self.content.model_dump(mode="json", exclude_defaults=True)


def tab_separated(cells: Iterable[str]) -> str:
    """Return a row of a text table. No name or text holds a tab or line break, so no caller can forge a cell or row."""
    return "\t".join(cells)
