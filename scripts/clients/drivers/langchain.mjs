// LangChain.js's adapters, as an agent gets the tools.
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { ARGS, PROGRAM, abandoned, walk } from "./walk.mjs";

let taker = () => {};
const client = new MultiServerMCPClient({
  mcpServers: { voicemail: { transport: "stdio", command: PROGRAM, args: ARGS } },
  onProgress: (event) => taker(event),
});
const tools = Object.fromEntries((await client.getTools()).map((tool) => [tool.name, tool]));
const call = async (name, args, signal) => {
  const message = await tools[name].invoke({ type: "tool_call", id: "1", name, args }, { signal });
  return { content: message.content, status: message.status };
};
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.description])),
  call: (name, args) => call(name, args),
  callWatched: (name, args, take) => {
    taker = take;
    return call(name, args);
  },
  giveUp: (name, args, seconds) => abandoned(seconds, (signal) => call(name, args, signal)),
  resources: async () => Object.values(await client.listResources()).flat().map((each) => each.uri),
  read: async (uri) => (await client.readResource("voicemail", uri))[0].text,
  templates: async () => Object.values(await client.listResourceTemplates()).flat().map((each) => each.uriTemplate),
});
