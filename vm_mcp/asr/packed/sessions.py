"""Opens models on onnxruntime."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import onnxruntime

_FATAL_ONLY = 4
_BY_WHAT_IS_NEEDED = 1


@contextmanager
def failures() -> Iterator[None]:
    """Raise RuntimeError, as a `WhisperRuntime` does, for whatever onnxruntime raises."""
    try:
        yield
    except Exception as error:
        raise RuntimeError("onnxruntime failed") from error


@cache
def _share_arena() -> None:
    """Have all sessions share one arena that grows by what is needed: by default each has one, which grows twofold."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    settings = onnxruntime.OrtArenaCfg({"arena_extend_strategy": _BY_WHAT_IS_NEEDED})
    onnxruntime.create_and_register_allocator(memory, settings)


def returning_memory() -> "onnxruntime.RunOptions":
    """Return options of a call that gives back what it alone needed, as long sounds need much that no step uses."""
    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def open_session(path: Path) -> "onnxruntime.InferenceSession":
    """Return a model that computes with one thread a call. Raises whatever onnxruntime raises."""
    _share_arena()
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
