"""Decides whether a model runs on onnxruntime, and opens it there."""

import logging
from pathlib import Path

from vm_mcp.asr import process_memory
from vm_mcp.asr.decoder import Decoder
from vm_mcp.asr.transcriber import EngineSettings

logger = logging.getLogger(__name__)


def open_packed(model: Path, settings: EngineSettings) -> Decoder | None:
    """Return a decoder on onnxruntime; None if that can't be had, or the processor lacks what makes it fast.

    Args:
        model: Its folder, in CTranslate2's format.
        settings: Where the converted model is kept, and on how many lanes it runs.
    """
    try:
        from vm_mcp.asr.packed import exactness
        from vm_mcp.asr.packed.conversion import converted
        from vm_mcp.asr.packed.runtime import PackedRuntime

        folder = converted(model, settings.data_dir / "packed")
        if not exactness.is_exact(folder / exactness.FILE):
            return None
        decoder = Decoder.tried(PackedRuntime(folder, settings.lanes), model)
    except exactness.UnsuitableProcessorError:
        return None
    except Exception as error:  # noqa: BLE001  # whatever it is, the other runtime remains
        logger.warning("The speech model runs on CTranslate2, which is slower: %s", type(error).__name__)
        return None
    process_memory.return_large_blocks()
    return decoder
