"""Chooses the processor that a model is opened on, by whether the model can compute there.

That a GPU is found and a model loads says little: the libraries that compute may be missing or too old, the memory may
be full, the type of numbers unsupported. It shows at the first computation, so opening a model includes one.
"""

import logging
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeVar

from vm_mcp.errors import EngineUnavailableError
from vm_mcp.wording import Words, words

Device = Literal["cpu", "cuda"]
OpenedT = TypeVar("OpenedT")

NATIVE_ERRORS = (RuntimeError, ValueError, OSError, MemoryError, AssertionError)
"""What native libraries raise for a model that they can't load or compute with. A PyTorch without CUDA asserts."""

logger = logging.getLogger(__name__)


class GpuChoice(NamedTuple):
    """What decides whether the GPU is used."""

    device: Literal["auto", "cpu", "cuda"]
    """As set."""
    is_present: bool
    """Whether a CUDA device is found."""
    has_failed: bool = False
    """Whether it failed before, in a process that it took down."""

    def check(self) -> None:
        """Raise EngineUnavailableError if a GPU is required and none is found."""
        if self.device == "cuda" and not self.is_present:
            raise EngineUnavailableError("VM_MCP_DEVICE is cuda, but no CUDA device is found. Set it to auto or cpu.")


def open_where_able(choice: GpuChoice, open_on: Callable[[Device], OpenedT]) -> tuple[OpenedT, str]:
    """Open a model on the GPU if that is wanted and can compute, else on the CPU.

    Args:
        choice: What decides.
        open_on: Opens the model on a device and computes with it once. It is called again for the CPU if the GPU fails.

    Returns:
        The model, and a notice for the reader of a transcript if a GPU is there but not used; else an empty one.

    Raises:
        EngineUnavailableError: The GPU is required, and is missing or can't compute.
        Exception: Whatever ``open_on`` raises for the CPU.
    """
    choice.check()
    if choice.device == "cpu" or not choice.is_present:
        return open_on("cpu"), ""
    if choice.device == "auto" and choice.has_failed:
        return open_on("cpu"), _notice()
    try:
        return open_on("cuda"), ""
    except NATIVE_ERRORS as error:
        if choice.device == "cuda":
            raise EngineUnavailableError(
                "The GPU is found, but can't compute with this model: libraries are missing, its memory is full, or it "
                "is too old. Install CUDA 12 with cuBLAS and cuDNN, end what else uses it, or set VM_MCP_DEVICE to "
                "auto or cpu."
            ) from error
        logger.warning("The GPU can't compute, so the CPU is used: %s", type(error).__name__)
    return open_on("cpu"), _notice()


def _notice() -> Words:
    return words(
        "The GPU failed, so the slower CPU was used. Install CUDA 12 with cuBLAS and cuDNN, or free the GPU's memory, "
        "and restart; or set VM_MCP_DEVICE=cpu."
    )
