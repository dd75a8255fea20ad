"""Every error that vm-mcp raises on purpose.

::

    VmError
    ├── ConfigError                a setting is missing or unusable
    ├── InputError                 an argument of a tool or a command is unusable
    ├── PbxError
    │   ├── PbxUnavailableError    no answer, or a 5xx, after the retries
    │   ├── PbxRateLimitError      429, and waiting longer is not worth it
    │   ├── PbxAuthError           the API key was refused
    │   ├── PbxRequestError        the PBX refused the request for another reason
    │   ├── PbxProtocolError       the answer is not what the contract says
    │   ├── VoicemailNotFoundError no message has that uuid
    │   └── RecordingError         the recording can't be had: expired link, over the cap, not audio
    ├── ArchiveError               the archive on this computer can't be read or written
    │   ├── DamagedTranscriptError one transcript in it can't be read; the others can
    │   └── AccountMismatchError   it is another account's
    ├── AudioDecodeError           the bytes can't be decoded as audio
    └── TranscriptionError         the speech engine failed
        └── EngineUnavailableError the engine or its model is not installed

The text of each is ours, ends with what to do, and may be shown to anyone: it never holds the API key, a recording's
URL, or words of the vendor's answer. What led to it is chained as ``__cause__`` and stays in the process.
"""


class VmError(Exception):
    """Base of all of them; ``str()`` of one is safe to show to a person or a model."""


class ConfigError(VmError):
    """A setting is missing or unusable; the text names the setting."""


class InputError(VmError):
    """An argument of a tool or a command is unusable; the text says what is accepted."""


class PbxError(VmError):
    """The PBX could not do what was asked."""


class PbxUnavailableError(PbxError):
    """The PBX did not answer, or answered 5xx, and the retries are spent."""


class PbxRateLimitError(PbxError):
    """The account's request budget is spent (429)."""


class PbxAuthError(PbxError):
    """The API key was refused."""


class PbxRequestError(PbxError):
    """The PBX refused the request."""


class PbxProtocolError(PbxError):
    """The PBX answered something that its contract does not describe."""


class VoicemailNotFoundError(PbxError):
    """No message has that uuid."""


class RecordingError(PbxError):
    """The recording of a message can't be had."""


class ArchiveError(VmError):
    """The archive can't be read or written: locked, made by a newer version, or no room or right to write."""


class DamagedTranscriptError(ArchiveError):
    """One transcript in the archive can't be read."""


class AccountMismatchError(ArchiveError):
    """The archive that the settings name was made with another account's key."""


class AudioDecodeError(VmError):
    """The bytes can't be decoded as audio."""


class TranscriptionError(VmError):
    """The speech engine failed on a message."""


class EngineUnavailableError(TranscriptionError):
    """The speech engine, or its model, is not installed; the text names what to install."""
