"""The settings, and the only reader of the environment's ``VM_MCP_`` variables."""

import glob
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from vm_mcp.config.variables import FilledVariables
from vm_mcp.keychain import account_name, key_id
from vm_mcp.languages import language_code, peoples_language

EngineName = Literal["auto", "faster-whisper", "openai-whisper", "remote", "none"]
Masked = Literal["cards", "ids", "ibans"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


def _data_dir() -> Path:
    from platformdirs import user_data_path

    return at_home(user_data_path("vm-mcp", appauthor=False))


def at_home(path: Path) -> Path:
    """Return the path, or where the user has no home, which makes it relative, one that can't exist.

    A relative path would lead into the working directory, which the host chooses; below ``/dev/null``, writing fails.
    """
    return path if path.is_absolute() else Path(os.devnull, path.name)


def _split(value: object) -> object:
    return tuple(part.strip().lower() for part in value.split(",")) if isinstance(value, str) else value


class AccountSettings(BaseModel):
    """What may differ from one account to another."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    api_key: SecretStr | None = Field(
        default=None,
        description="API key of the account (K…), required even to list; default: the one that `vm-mcp login` stored",
    )
    account: str = Field(
        default="",
        description="Name of the account, such as `klinik`, if this computer serves several: each has its own key and "
        "archive; default: accounts are told apart by their keys",
    )
    base_url: str = Field(
        default="https://api.bulutsantralim.com",
        description="Address of the PBX's API; plain http is accepted only for a loopback address",
    )
    timezone: str = Field(default="Europe/Istanbul", description="Time zone of the dates that you give and see")
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("tr", "en"),
        description="Languages of callers, the most common first, as ISO 639-1 codes; detection chooses among these, "
        "unless another is clearly spoken",
    )
    retention_days: Annotated[int, Field(ge=0, le=36500)] = Field(
        default=0, description="Days after which a message and its transcript are deleted from the archive; `0`: never"
    )
    mask: Annotated[tuple[Masked, ...], NoDecode] = Field(
        default=(),
        description="Numbers to hide in transcripts before they are stored or shown, separated by commas: `cards`, "
        "`ids` (Turkish identity numbers), `ibans` (Turkish IBANs); default: none",
    )
    read_only: bool = Field(
        default=False, description="Hides every tool that marks a message as read (recordings and transcription)"
    )

    @field_validator("languages", "mask", mode="before")
    @classmethod
    def _split_lists(cls, value: object) -> object:
        return _split(value)

    @field_validator("languages")
    @classmethod
    def _check_languages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(language_code(name) or name for name in value))
        if not codes or not all(re.fullmatch("[a-z]{2,3}", code) for code in codes):
            raise ValueError("give language codes separated by commas, such as tr,en")
        return codes

    @field_validator("api_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value and value.get_secret_value().strip() else None

    @field_validator("account")
    @classmethod
    def _check_account(cls, value: str) -> str:
        name = account_name(value)
        if name and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,39}", name):
            raise ValueError("give up to 40 letters a to z, digits, dots and dashes, such as klinik")
        return name

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("give an IANA name, such as Europe/Istanbul") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the dates that people give and see."""
        return ZoneInfo(self.timezone)

    @property
    def account_id(self) -> str:
        """Id of this account among those of the same PBX: its name, else its key's id; empty without either."""
        return self.account or (key_id(self.api_key) if self.api_key else "")


class ProgramSettings(BaseModel):
    """What all accounts of one process share."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    engine: EngineName = Field(
        default="auto",
        description="Speech engine; `auto`: the speech server if one is set, else the one that is installed; "
        "`none`: no transcription tool",
    )
    model: str = Field(
        default="small",
        description="Whisper model: a name such as `small`, a folder, a `.pt` file (openai-whisper), or the name that "
        "the speech server uses (default there: the only model that it serves); `auto`: the best that reads 30 s of "
        "speech within 10 s on this computer",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="Processor of the speech engine")
    remote_url: str | None = Field(
        default=None,
        description="Address of an OpenAI-compatible speech server, such as `http://gpu.lan:8000`, which then receives "
        "the recordings; plain http is accepted only within the local network",
    )
    remote_api_key: SecretStr | None = Field(default=None, description="Key for the speech server, if it requires one")
    data_dir: Path = Field(
        default_factory=_data_dir, description="Folder of the archive, saved recordings and the model `base`"
    )
    archive_dir: Path | None = Field(
        default=None,
        description="Folder of the archives of messages and transcripts, one per account; default: the data folder",
    )
    download_dir: Path | None = Field(
        default=None, description="Folder of recordings saved on request; default: `recordings` in the data folder"
    )
    http_token: SecretStr | None = Field(
        default=None, description="Token that requests to `serve --http` must carry; required unless it is on loopback"
    )
    http_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Names and addresses by which clients reach `serve --http`, separated by commas"
    )
    lang: str = Field(
        default="",
        description="Language of texts and errors for people, `tr` or `en`, in which an assistant passes errors on; "
        "default: this computer's, for the command line alone",
    )
    log_level: LogLevel = Field(default="WARNING", description="What is logged to stderr")

    @field_validator("http_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return _split(value)

    @field_validator("lang")
    @classmethod
    def _check_lang(cls, value: str) -> str:
        if value and not peoples_language(value):
            raise ValueError("give tr or en")
        return peoples_language(value)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_log_level(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @property
    def recordings_dir(self) -> Path:
        """Folder of recordings saved on request."""
        return self.download_dir or self.data_dir / "recordings"


class Settings(ProgramSettings, AccountSettings, BaseSettings):
    """One account's settings, with those of the process.

    Read from ``VM_MCP_…`` variables, then from the file ``.env`` in the user's configuration folder.

    A ``.env`` in the working directory is not read: the host chooses that folder, often somebody else's project, and
    the key would be sent to an address set there.
    """

    model_config = SettingsConfigDict(
        env_prefix="VM_MCP_",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings are read from, the first that has one winning."""
        return init_settings, FilledVariables(settings_cls), dotenv_settings, file_secret_settings

    @property
    def archive_path(self) -> Path:
        """File of a new archive for this account; an existing one may have another name, see `vm_mcp.inbox.identity`.

        One per PBX and account, so that neither a simulated account nor another business mixes with this one.
        """
        return self._archive_file(f"@{self.account_id}")

    def archive_paths(self) -> list[Path]:
        """Return the existing archives of this PBX's accounts; first that of version 0.1, which had one for all.

        None where their folder can't be read: whoever opens an archive there gets the reason.
        """
        shared = self._archive_file("")
        # A glob finds nothing in a folder that may not be entered, where `is_file` raises before Python 3.14.
        patterns = (glob.escape(shared.name), f"{glob.escape(shared.stem)}@*{shared.suffix}")
        try:
            return [found for pattern in patterns for found in sorted(shared.parent.glob(pattern))]
        except OSError:
            return []

    def _archive_file(self, account: str) -> Path:
        place = re.sub(r"[^a-z0-9.]+", "-", self.base_url.casefold().partition("://")[2]).strip("-.")
        return (self.archive_dir or self.data_dir) / f"archive-{place[:100]}{account}.sqlite3"
