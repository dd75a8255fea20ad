"""Our own part of the work's schema, as SQL files; `vm_mcp.team.work_schema` applies them."""
