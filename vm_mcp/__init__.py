"""Bulut Santral voicemail for AI assistants: an MCP server, and the client and models it is made of."""

from vm_mcp.errors import (
    AccountMismatchError,
    ArchiveError,
    AudioDecodeError,
    ConfigError,
    DamagedTranscriptError,
    EngineUnavailableError,
    InputError,
    PbxAuthError,
    PbxError,
    PbxProtocolError,
    PbxRateLimitError,
    PbxRequestError,
    PbxUnavailableError,
    RecordingError,
    TranscriptionError,
    VmError,
    VoicemailNotFoundError,
)

__all__ = [
    "AccountMismatchError",
    "ArchiveError",
    "AudioDecodeError",
    "ConfigError",
    "DamagedTranscriptError",
    "EngineUnavailableError",
    "InputError",
    "PbxAuthError",
    "PbxError",
    "PbxProtocolError",
    "PbxRateLimitError",
    "PbxRequestError",
    "PbxUnavailableError",
    "RecordingError",
    "TranscriptionError",
    "VmError",
    "VoicemailNotFoundError",
    "__version__",
]


def __getattr__(name: str) -> str:
    # Reading package metadata costs milliseconds of every start, and few callers ask.
    if name == "__version__":
        from importlib.metadata import version

        return version("vm-mcp")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
