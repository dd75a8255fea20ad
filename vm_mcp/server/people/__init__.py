"""A team's people over HTTP: an OAuth 2.1 resource server, with a server of MCP for each person and account."""
