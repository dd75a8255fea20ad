// OpenAI's Agents SDK for JavaScript, as its runner calls a tool for a model.
import { MCPServerStdio, RunContext, getAllMcpTools } from "@openai/agents";
import { ARGS, PROGRAM, abandoned, walk } from "./walk.mjs";

const server = new MCPServerStdio({ name: "voicemail", command: PROGRAM, args: ARGS, clientSessionTimeoutSeconds: 60, timeout: 60000 });
await server.connect();
const tools = Object.fromEntries((await getAllMcpTools([server])).map((tool) => [tool.name, tool]));
const call = (name, args, signal) => tools[name].invoke(new RunContext(), JSON.stringify(args), { signal });
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.description])),
  call: (name, args) => call(name, args),
  giveUp: (name, args, seconds) => abandoned(seconds, (signal) => call(name, args, signal)),
  resources: async () => (await server.listResources()).resources.map((each) => each.uri),
  read: async (uri) => (await server.readResource(uri)).contents[0].text,
  templates: async () => (await server.listResourceTemplates()).resourceTemplates.map((each) => each.uriTemplate),
});
