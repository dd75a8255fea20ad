"""Read the settings of the user's own mail server."""

from pydantic import ValidationError

from vm_mcp.config.mail_settings import PREFIX, MailSettings
from vm_mcp.config.reading import env_file
from vm_mcp.config.setting_errors import unusable_settings
from vm_mcp.errors import ConfigError


def load_mail_settings() -> MailSettings:
    """Read the settings: first the environment, then the settings file.

    Raises:
        ConfigError: One or more are unusable, or no server is set.
    """
    try:
        settings = MailSettings(_env_file=env_file())
    except (UnicodeDecodeError, OSError) as error:
        raise ConfigError("{path} can't be read. Save it as UTF-8 text, or remove it.", path=env_file()) from error
    except ValidationError as error:
        raise unusable_settings(error, PREFIX) from None
    if not settings.host:
        raise ConfigError(
            "No mail server is set. Set VM_MCP_SMTP_HOST, VM_MCP_SMTP_USER and VM_MCP_SMTP_SENDER in the settings file "
            "{path}, then run `vm-mcp login --smtp`.",
            path=env_file(),
        )
    return settings
