"""Bulut Santral voicemail for AI assistants: an MCP server, a PBX client, and the models they share."""

from vm_mcp.errors import (
    AccessDeniedError,
    AccountMismatchError,
    ArchiveError,
    AudioDecodeError,
    ConfigError,
    DamagedTranscriptError,
    EngineFailedError,
    EngineUnavailableError,
    InputError,
    MailError,
    PbxAuthError,
    PbxError,
    PbxForbiddenError,
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
    "AccessDeniedError",
    "AccountMismatchError",
    "ArchiveError",
    "AudioDecodeError",
    "ConfigError",
    "DamagedTranscriptError",
    "EngineFailedError",
    "EngineUnavailableError",
    "InputError",
    "MailError",
    "PbxAuthError",
    "PbxError",
    "PbxForbiddenError",
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
    # Reading the package's metadata takes milliseconds, which an importer that doesn't ask should not pay for.
    if name == "__version__":
        from importlib.metadata import version

        return version("vm-mcp")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
