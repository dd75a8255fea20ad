"""The settings of a team: its accounts, its database, its identity provider. A desk's server doesn't read them."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from vm_mcp.config.setting_errors import unusable_settings


class TeamSettings(BaseSettings):
    """Read from ``VM_MCP_…`` variables alone: a team's servers and workers have no user, and so no settings file."""

    model_config = SettingsConfigDict(
        env_prefix="VM_MCP_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    accounts: Path | None = Field(default=None, description="TOML file of the accounts, see docs/team.md")
    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL database of the archive and the work, such as `postgresql://vm_mcp@db/vm_mcp`; its "
        "user must neither own the tables nor bypass row-level security",
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="The same database by its owner's name, for `vm-mcp database setup` alone"
    )
    recordings_key: SecretStr | None = Field(
        default=None,
        description="Key that encrypts recordings between retrieval and transcription, the same on all machines; "
        "`vm-mcp database key` makes one",
    )
    public_url: str = Field(
        default="", description="Address by which clients reach `serve --http`, such as `https://voicemail.example.com`"
    )
    oauth_issuer: str = Field(
        default="", description="Issuer of the tokens that people bring: the identity provider's address"
    )
    oauth_audience: str = Field(
        default="", description="Audience that those tokens name; default: the public address with `/mcp`"
    )
    oauth_name_claim: str = Field(
        default="name", description="Claim with a person's name, kept with what they open and close"
    )


def load_team_settings() -> TeamSettings:
    """Read the team's settings.

    Raises:
        ConfigError: One or more are unusable. The text names each and says what is accepted, never the value given.
    """
    try:
        return TeamSettings()
    except ValidationError as error:
        raise unusable_settings(error, "VM_MCP_") from None
