"""What is known of a model beside its weights."""

from pydantic import Field

from vm_mcp.models import Model


class ModelShape(Model):
    """A model's sizes and special tokens, kept beside its converted weights."""

    width: int
    """Size of its vectors."""
    heads: int
    """Attention heads of a layer."""
    layers: int
    """Layers of the decoder."""
    mels: int
    start: int
    """The token that every text begins with."""
    end: int
    """The token that ends a text."""
    no_speech: int
    """The token that stands for a sound in which nobody speaks."""
    languages: dict[str, int]
    """Tokens of the languages that the model knows, by ISO 639-1 code."""
    suppressed: tuple[int, ...]
    """Tokens that are no text: music, brackets, the model's own."""
    suppressed_first: tuple[int, ...]
    """Tokens that no text begins with."""
    alignment_heads: tuple[tuple[int, int], ...] = Field(min_length=1)
    """Layer and head of those that follow the sound."""

    @property
    def head_width(self) -> int:
        """Size of the vectors of one head."""
        return self.width // self.heads
