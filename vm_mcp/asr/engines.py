"""The speech engines that run on this computer, one row each.

To add an engine, write its module and add its row here and its name to `vm_mcp.config.EngineName`. Nothing else depends
on an engine's name: the factory, the inbox and the doctor read this table.
"""

import importlib.util
import pkgutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vm_mcp.asr.whisper_languages import WHISPER_LANGUAGES

if TYPE_CHECKING:
    from vm_mcp.asr.transcriber import ModelAvailability, ModelFinder


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """An engine, and what has to be known of it before its module is imported."""

    name: str
    """As in ``VM_MCP_ENGINE`` and in a transcript; also the name of its package on PyPI."""
    library: str
    """The module that it can't work without."""
    extra: str
    """The extra of vm-mcp that installs the library."""
    module: str
    """Our module with ``load``, an `EngineFactory`, and ``find_model``, a `ModelFinder`."""
    is_measured: bool = False
    """Whether the figures of `vm_mcp.asr.model_choice` are its own."""
    batches: bool = False
    """Whether it decodes several messages in one call, so that more should be in hand than threads compute."""
    languages: Collection[str] = WHISPER_LANGUAGES
    """ISO 639-1 codes of the languages that it can be asked for."""

    @property
    def is_installed(self) -> bool:
        """Whether its library can be found; it may still fail to load."""
        return importlib.util.find_spec(self.library) is not None

    @property
    def factory(self) -> str:
        """``module:attribute`` of its `EngineFactory`, for the worker process to import."""
        return f"{self.module}:load"

    def find_model(self, model: str, data_dir: Path, stand_ins: Sequence[str] = ()) -> "ModelAvailability":
        """Look for a model, see `ModelFinder`."""
        finder = cast("ModelFinder", pkgutil.resolve_name(f"{self.module}:find_model"))
        return finder(model, data_dir, stand_ins)


LOCAL_ENGINES = {
    engine.name: engine
    for engine in (
        LocalEngine(
            "faster-whisper",
            "faster_whisper",
            "whisper",
            "vm_mcp.asr.faster_whisper",
            is_measured=True,
            batches=True,
        ),
        LocalEngine("openai-whisper", "whisper", "openai-whisper", "vm_mcp.asr.openai_whisper"),
    )
}
"""By name. Where the settings leave the choice, the first that is installed is used."""


def knows_language(engine: str, language: str) -> bool:
    """Return whether an engine can be asked for a language, an ISO 639-1 code.

    An engine that is not in the table, such as a speech server, is taken to know what Whisper knows: OpenAI's API
    names languages by the same codes, and most servers run Whisper.
    """
    listed = LOCAL_ENGINES.get(engine)
    return language in (listed.languages if listed else WHISPER_LANGUAGES)
