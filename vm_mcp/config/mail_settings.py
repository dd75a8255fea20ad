"""The settings of the user's own mail server. Only what sends mail reads them."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "VM_MCP_SMTP_"
PASSWORD_VARIABLE = f"{PREFIX}PASSWORD"
_IMPLICIT_PORT, _STARTTLS_PORT = 465, 587


class MailSettings(BaseSettings):
    """Read from ``VM_MCP_SMTP_…`` variables and the settings file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    host: str = Field(default="", description="Name of your mail server, such as `smtp.example.com`")
    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        default=None, description="Its port; default: 587, or 465 with `implicit`"
    )
    tls: Literal["starttls", "implicit"] | None = Field(
        default=None,
        description="How TLS begins; default: `implicit` with port 465, else `starttls`. Nothing is sent without",
    )
    user: str = Field(default="", description="Who logs in, most often the whole address; default: nobody does")
    password: SecretStr | None = Field(
        default=None, description="The user's password; default: the one that `vm-mcp login --smtp` stored"
    )
    sender: str = Field(default="", description="Address that mail comes from; default: the user")

    @field_validator("tls", mode="before")
    @classmethod
    def _lower_tls(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def is_implicit(self) -> bool:
        """Whether TLS begins with the connection."""
        return self.tls == "implicit" or (self.tls is None and self.port == _IMPLICIT_PORT)

    @property
    def used_port(self) -> int:
        """The port to connect to."""
        return self.port or (_IMPLICIT_PORT if self.is_implicit else _STARTTLS_PORT)

    @property
    def used_sender(self) -> str:
        """The address that mail comes from; empty if none is known."""
        return self.sender or (self.user if "@" in self.user else "")

    @property
    def address(self) -> str:
        """What a stored password is for: it is never sent to another server that is set later."""
        return f"smtp://{self.host.strip().lower()}"
