"""The clients: what each is installed from, and how it is driven. Pinned, so that a run can be repeated."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["python", "node", "program", "gateway", "connector", "host"]


@dataclass(frozen=True)
class Client:
    """One client.

    ``kind``: a library for Python or Node (its driver runs inside its environment), a program that is run once for each
    request, a gateway (serves a server on pipes over HTTP), a connector (serves a server over HTTP on pipes), or a host
    that has a model.
    """

    kind: Kind
    pip: tuple[str, ...] = ()
    npm: tuple[str, ...] = ()
    driver: str = ""
    """A file of ``drivers``."""
    command: tuple[str, ...] = ()
    """Of a gateway or connector; ``{server}``, ``{port}`` and ``{url}`` are filled in."""
    path: str = "/mcp"
    """Where a gateway serves."""
    mode: str = "auto"
    """Which era the SDK's client behind a gateway begins with: auto, legacy."""
    url: bool = False
    """Whether the driver takes a server over HTTP."""

    @property
    def version(self) -> str:
        """What it is, for the table: the first package, without its extras."""
        name, _, version = ((self.pip or self.npm)[0]).rpartition("==" if self.pip else "@")
        return f"{name.split('[')[0]} {version}"


def _python(driver: str, *pip: str) -> Client:
    return Client("python", pip=pip, driver=f"{driver}.py")


def _node(driver: str, *npm: str) -> Client:
    return Client("node", npm=npm, driver=f"{driver}.mjs")


CLIENTS: dict[str, Client] = {
    "python-sdk": _python("python_sdk", "mcp==2.3.0"),
    "python-sdk-1": _python("python_sdk1", "mcp==1.30.0"),
    "fastmcp": _python("fastmcp_client", "fastmcp==4.2.3"),
    "langchain": _python("langchain", "langchain-mcp-adapters==0.3.2"),
    "llama-index": _python("llama_index_tools", "llama-index-tools-mcp==0.6.0"),
    "openai-agents": _python("openai_agents", "openai-agents==0.24.0"),
    "pydantic-ai": _python("pydantic_ai", "pydantic-ai-slim[mcp]==2.68.0"),
    "dspy": _python("dspy_tools", "dspy==3.4.1", "mcp==1.30.0"),
    "autogen": _python("autogen", "autogen-ext[mcp]==0.7.5", "mcp<2"),
    "agno": _python("agno_tools", "agno[mcp]==3.1.10"),
    "google-adk": _python("google_adk_tools", "google-adk[mcp]==2.13.0"),
    "semantic-kernel": _python("semantic_kernel_plugin", "semantic-kernel[mcp]==1.45.0"),
    "haystack": _python("haystack_tools", "mcp-haystack==2.1.1"),
    "strands": _python("strands", "strands-agents==1.62.0"),
    "agent-framework": _python("agent_framework_tools", "agent-framework-core==1.23.0", "mcp==2.3.0", "tenacity"),
    "mcp-use": _python("mcp_use_tools", "mcp-use==1.7.1"),
    "beeai": _python("beeai", "beeai-framework[mcp]==0.1.85"),
    "smolagents": _python("smolagents_tools", "smolagents[mcp]==1.26.0", "mcp<2"),
    "crewai": _python("crewai_tools", "crewai-tools[mcp]==1.15.30"),
    "ag2": _python("ag2_tools", "ag2[mcp]==1.2.1"),
    "mcp2py": _python("mcp2py_module", "mcp2py==0.6.0", "mcp<2", "fastmcp<3"),
    "typescript-sdk": _node("typescript_sdk", "@modelcontextprotocol/client@2.4.0"),
    "typescript-sdk-1": _node("typescript_sdk1", "@modelcontextprotocol/sdk@1.32.2"),
    "ai-sdk": _node("ai_sdk", "@ai-sdk/mcp@2.0.99", "ai@7.0.173", "zod@4"),
    "mastra": _node("mastra", "@mastra/mcp@2.0.0", "@mastra/core@1.71.0"),
    "langchain-js": _node("langchain", "@langchain/mcp-adapters@1.1.4", "@langchain/core", "@langchain/langgraph"),
    "genkit": _node("genkit", "@genkit-ai/mcp@1.42.0", "genkit@1.42.0", "@modelcontextprotocol/sdk@1.32.2"),
    "openai-agents-js": _node("openai_agents", "@openai/agents@0.20.0", "zod@4"),
    "google-adk-js": _node("google_adk", "@google/adk@2.0.0", "@modelcontextprotocol/sdk@1.32.2"),
    "huggingface-js": _node("huggingface", "@huggingface/mcp-client@0.2.3"),
    "mcporter": Client("program", npm=("mcporter@0.12.3",), driver="mcporter.py"),
    "inspector": Client("program", npm=("@modelcontextprotocol/inspector@2.12.0",), driver="inspector.py"),
    "mcpc": Client("program", npm=("@apify/mcpc@0.2.6",), driver="mcpc.py"),
    "supergateway": Client(
        "gateway",
        npm=("supergateway@4.0.0",),
        command=(
            "supergateway",
            "--stdio",
            "{server}",
            "--outputTransport",
            "streamableHttp",
            "--stateful",
            "--port",
            "{port}",
        ),
        mode="legacy",
    ),
    "mcp-proxy": Client(
        "gateway",
        pip=("mcp-proxy==0.13.0",),
        command=("mcp-proxy", "--port", "{port}", "--", "{server...}"),
        mode="legacy",
    ),
    "mcp-proxy-js": Client(
        "gateway",
        npm=("mcp-proxy@6.7.19",),
        command=("mcp-proxy", "--port", "{port}", "--", "{server...}"),
        mode="legacy",
    ),
    "fastmcp-proxy": Client(
        "gateway",
        pip=("fastmcp==4.2.3",),
        command=("fastmcp", "run", "{config}", "--transport", "http", "--port", "{port}"),
    ),
    "mcpo": Client("program", pip=("mcpo==0.0.20", "mcp<2", "fastapi==0.115.12"), driver="mcpo.py"),
    "mcp-remote": Client(
        "connector", npm=("mcp-remote@0.15.1",), command=("mcp-remote", "{url}", "--allow-http"), mode="legacy"
    ),
    "mcp-proxy-connector": Client(
        "connector",
        pip=("mcp-proxy==0.13.0",),
        command=("mcp-proxy", "--transport", "streamablehttp", "{url}"),
        mode="legacy",
    ),
    "supergateway-connector": Client(
        "connector", npm=("supergateway@4.0.0",), command=("supergateway", "--streamableHttp", "{url}"), mode="legacy"
    ),
    "claude-code": Client("host", npm=("@anthropic-ai/claude-code@2.1.332",), driver="claude_code.py"),
    "codex": Client("host", npm=("@openai/codex@0.171.0",), driver="codex.py"),
    "opencode": Client("host", npm=("opencode-ai@1.18.33",), driver="opencode.py"),
    "gemini-cli": Client("host", npm=("@google/gemini-cli@0.61.0",), driver="gemini_cli.py"),
}
