"""The settings, and the only readers of the environment's ``VM_MCP_`` variables."""

from vm_mcp.config.reading import (
    env_file,
    in_environment,
    in_file,
    load_settings,
    unknown_variables,
    with_stored_key,
)
from vm_mcp.config.settings import AccountSettings, EngineName, ProgramSettings, Settings

__all__ = [
    "AccountSettings",
    "EngineName",
    "ProgramSettings",
    "Settings",
    "env_file",
    "in_environment",
    "in_file",
    "load_settings",
    "unknown_variables",
    "with_stored_key",
]
