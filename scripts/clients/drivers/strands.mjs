// Strands for TypeScript.
import { McpClient } from "@strands-agents/sdk";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ARGS, PROGRAM, walk } from "./walk.mjs";

const client = new McpClient({ transport: new StdioClientTransport({ command: PROGRAM, args: ARGS }) });
const tools = Object.fromEntries((await client.listTools()).map((tool) => [tool.name, tool]));
const call = async (name, args) => {
  const stream = tools[name].stream({ toolUse: { name, toolUseId: "1", input: args }, agent: {}, interrupt: undefined });
  let step = await stream.next();
  while (!step.done) step = await stream.next();
  return step.value;
};
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.description])),
  call,
});
