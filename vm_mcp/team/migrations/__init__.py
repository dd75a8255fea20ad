"""The schema of the work beside procrastinate's own, as files of SQL; `vm_mcp.team.work_schema` takes them."""
