// The protocol's own TypeScript SDK, 1.x, which most hosts stand on.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ARGS, PROGRAM, abandoned, walk } from "./walk.mjs";

const client = new Client({ name: "typescript-sdk", version: "1" });
await client.connect(new StdioClientTransport({ command: PROGRAM, args: ARGS }));
await walk({
  tools: async () => Object.fromEntries((await client.listTools()).tools.map((tool) => [tool.name, tool.description])),
  call: (name, args) => client.callTool({ name, arguments: args }),
  callWatched: (name, args, take) => client.callTool({ name, arguments: args }, undefined, { onprogress: take }),
  giveUp: (name, args, seconds) =>
    abandoned(seconds, (signal) => client.callTool({ name, arguments: args }, undefined, { signal })),
  resources: async () => (await client.listResources()).resources.map((each) => each.uri),
  read: async (uri) => (await client.readResource({ uri })).contents[0].text,
  templates: async () => (await client.listResourceTemplates()).resourceTemplates.map((each) => each.uriTemplate),
  prompts: async () => (await client.listPrompts()).prompts.map((each) => each.name),
  prompt: async (name, args) => (await client.getPrompt({ name, arguments: args })).messages[0].content.text,
  complete: async (name, argument, typed) =>
    (await client.complete({ ref: { type: "ref/prompt", name }, argument: { name: argument, value: typed } })).completion.values,
  ping: () => client.ping(),
});
