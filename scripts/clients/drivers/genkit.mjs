// Google's Genkit.
import { createMcpHost } from "@genkit-ai/mcp";
import { genkit } from "genkit";
import { ARGS, PROGRAM, walk } from "./walk.mjs";

const ai = genkit({});
const host = createMcpHost({ name: "voicemail", mcpServers: { voicemail: { command: PROGRAM, args: ARGS } } });
const tools = Object.fromEntries((await host.getActiveTools(ai)).map((tool) => [tool.__action.name.split("/").pop(), tool]));
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.__action.description])),
  call: (name, args) => tools[name](args),
  resources: async () => (await host.getActiveResources(ai)).map((each) => each.__action.name),
});
