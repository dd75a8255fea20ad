"""Fixtures for tests of `vm_mcp.asr.packed`, with a tiny model."""

from pathlib import Path

import pytest

from support import tiny_whisper
from vm_mcp.asr.packed import exactness
from vm_mcp.asr.packed.conversion import converted
from vm_mcp.asr.packed.runtime import PackedRuntime


@pytest.fixture(scope="session")
def exact_processor() -> None:
    """Skip a test where the package is not used."""
    if not exactness.is_exact(exactness.product_graph()):
        pytest.skip("this processor multiplies 8-bit numbers inexactly, so CTranslate2 is used on it")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the tiny model, in CTranslate2's format."""
    return tiny_whisper.write_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="session")
def tiny_packed(tiny_model: Path, exact_processor: None) -> Path:  # noqa: ARG001  # only asks
    """Return the folder of the tiny model, converted."""
    return converted(tiny_model, tiny_model.parent / "packed")


@pytest.fixture
def runtime(tiny_packed: Path) -> PackedRuntime:
    """Return the tiny model on one lane."""
    return PackedRuntime(tiny_packed, 1)
