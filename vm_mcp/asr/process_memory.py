"""Gives memory that is no longer used back to the system."""

import contextlib
import ctypes
import sys

_MMAP_THRESHOLD, _MMAP_BYTES = -3, 1 << 20
"""The first is ``M_MMAP_THRESHOLD`` in glibc's ``malloc.h``."""


def return_freed() -> None:
    """Return to the system what was allocated only for loading a model, which is more than its size, or for a message.

    glibc would keep it, as the server's environment for the worker asks it to: over thousands of messages, whose blocks
    differ in size, ever more of it.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def return_large_blocks() -> None:
    """From now on return large blocks as soon as they are freed.

    That costs CTranslate2 a third of the encoder's time, and onnxruntime, which keeps blocks of its own, nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
