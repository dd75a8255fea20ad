"""Every error that vm-mcp raises on purpose.

::

    VmError
    ├── ConfigError                a setting is missing or unusable
    ├── InputError                 an argument of a tool or a command is unusable
    ├── AccessDeniedError          whoever asks may not do this
    ├── PbxError
    │   ├── PbxUnavailableError    no answer, or a 5xx, after the retries
    │   ├── PbxRateLimitError      429, and the wait asked for is too long, or the retries are spent
    │   ├── PbxAuthError           the API key was refused
    │   ├── PbxForbiddenError      the API key has no right to this; to voicemail it may have one
    │   ├── PbxRequestError        the PBX refused the request for another reason
    │   ├── PbxProtocolError       the answer is not what the vendor's contract describes
    │   ├── VoicemailNotFoundError no message has that uuid
    │   └── RecordingError         the recording can't be downloaded or saved: expired link, too large, not audio
    ├── ArchiveError               the archive on this computer can't be read or written
    │   ├── DamagedTranscriptError one transcript in it can't be read; the others can
    │   └── AccountMismatchError   it belongs to another account
    ├── MailError                  a mail could not be sent
    ├── AudioDecodeError           the bytes can't be decoded as audio
    └── TranscriptionError         a message could not be transcribed
        ├── EngineFailedError      the engine itself failed, so it may fail on every message
        └── EngineUnavailableError the engine or its model is not installed, or can't compute

There are no texts here: an error's words are at its ``raise``, beside the reason for them. (What the PBX's refusals
become is in ``vm_mcp/pbx/responses.py``; what an unusable setting or argument should have been, in
``vm_mcp/argument_errors.py``.) Each text is ours and ends with what to do. It may be shown to anyone: it never holds
the API key, a recording's URL, or words of the vendor's answer. The exception behind it is chained as ``__cause__``,
and stays in the process.

Two places end a `VmError`: the server, which makes it a tool's error (``vm_mcp/server/voicemail_server.py``), and the
command line, which prints it to stderr and exits with 1 (``vm_mcp/cli/program.py``). Elsewhere it is caught only where
it is a result among others: a check of the doctor, one message of several.
"""

from vm_mcp.wording import Words, words


class VmError(Exception):
    """Base of all errors here; its ``str()`` is safe to show to a person or a model.

    Args:
        text: English, with placeholders such as ``{path}`` if there are ``values``: what an f-string would put together
            can't be translated.
        values: For the placeholders.
    """

    def __init__(self, text: str = "", /, **values: object) -> None:
        super().__init__(words(text, **values))

    @property
    def words(self) -> Words:
        """The text, which can be translated; ``str()`` is English."""
        return Words.of(self.args[0])


class ConfigError(VmError):
    """A setting is missing or unusable; the text names the setting."""


class InputError(VmError):
    """An argument of a tool or a command is unusable; the text says what is accepted."""


class AccessDeniedError(VmError):
    """Whoever asks may not do this; the text says who can allow it. It never says that something can't be seen."""


class PbxError(VmError):
    """The PBX did not do what was asked."""


class PbxUnavailableError(PbxError):
    """The PBX did not answer, or answered 5xx, and the retries are spent."""


class PbxRateLimitError(PbxError):
    """The account's request budget is spent (429)."""


class PbxAuthError(PbxError):
    """The API key was refused."""


class PbxForbiddenError(PbxError):
    """The PBX refuses the API key something that voicemail can do without, such as call records."""


class PbxRequestError(PbxError):
    """The PBX refused the request."""


class PbxProtocolError(PbxError):
    """The PBX's answer is not what the vendor's contract describes."""


class VoicemailNotFoundError(PbxError):
    """No message has that uuid."""


class RecordingError(PbxError):
    """The recording of a message can't be downloaded or saved."""


class ArchiveError(VmError):
    """The archive can't be read or written: locked, made by a newer version, on a full disk, or not permitted."""


class DamagedTranscriptError(ArchiveError):
    """One transcript in the archive can't be read."""


class AccountMismatchError(ArchiveError):
    """The archive of the account that the settings name was made with another account's key."""


class MailError(VmError):
    """The user's mail server did not take a mail, or can't be used safely."""


class AudioDecodeError(VmError):
    """The bytes can't be decoded as audio."""


class TranscriptionError(VmError):
    """A message could not be transcribed."""


class EngineFailedError(TranscriptionError):
    """The speech engine failed in itself: its library raised an error, it crashed, hung, or its server failed.

    A message may be the cause, but it may as well fail on every other.
    """


class EngineUnavailableError(TranscriptionError):
    """The speech engine, or its model, is not installed or can't compute; the text says what to do."""
