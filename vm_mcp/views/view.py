"""An answer in two forms that say the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

Content_co = TypeVar("Content_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True, slots=True)
class View(Generic[Content_co]):
    """A compact text and its structured twin: some hosts show a model only one of them, so both carry every fact."""

    text: str
    content: Content_co

    def as_json(self) -> dict[str, Any]:
        """Return the content for programs; what has its default, such as what is not known, is left out."""
        return self.content.model_dump(mode="json", exclude_defaults=True)


def tab_separated(cells: Iterable[str]) -> str:
    """Return a row of a text table. No caller's name can hold a tab, so a stranger can't forge a column or a row."""
    return "\t".join(cells)
