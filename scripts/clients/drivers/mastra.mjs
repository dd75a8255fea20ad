// Mastra's client.
import { MCPClient } from "@mastra/mcp";
import { ARGS, PROGRAM, abandoned, walk } from "./walk.mjs";

const taken = [];
const client = new MCPClient({ servers: { voicemail: { command: PROGRAM, args: ARGS, enableProgressTracking: true } } });
const tools = await (client.listTools ?? client.getTools).call(client);
const named = (name) => tools[`voicemail_${name}`];
const call = (name, args, abortSignal) => named(name).execute(args, { abortSignal });
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.description])),
  call: (name, args) => call(name, args),
  callWatched: async (name, args, take) => {
    await client.progress.onUpdate("voicemail", take);
    return call(name, args);
  },
  giveUp: (name, args, seconds) => abandoned(seconds, (signal) => call(name, args, signal)),
  resources: async () => (await client.resources.list()).voicemail.map((each) => each.uri),
  read: async (uri) => (await client.resources.read("voicemail", uri)).contents[0].text,
  templates: async () => (await client.resources.templates()).voicemail.map((each) => each.uriTemplate),
  prompts: async () => (await client.prompts.list()).voicemail.map((each) => each.name),
  prompt: async (name, args) => (await client.prompts.get({ serverName: "voicemail", name, args })).messages[0].content.text,
});
