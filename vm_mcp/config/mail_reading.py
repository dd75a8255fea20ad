"""Read the settings of the user's own mail server."""

from vm_mcp.config.mail_settings import PREFIX, MailSettings
from vm_mcp.config.reading import env_file, reading_settings
from vm_mcp.errors import ConfigError


def load_mail_settings() -> MailSettings:
    """Read the settings: first the environment, then the settings file.

    Raises:
        ConfigError: One or more are unusable, or no server is set.
    """
    with reading_settings(PREFIX):
        settings = MailSettings(_env_file=env_file())
    if not settings.host:
        raise ConfigError(
            "No mail server is set. Set VM_MCP_SMTP_HOST, VM_MCP_SMTP_USER and VM_MCP_SMTP_SENDER in the settings file "
            "{path}, then run `vm-mcp login --smtp`.",
            path=env_file(),
        )
    return settings
