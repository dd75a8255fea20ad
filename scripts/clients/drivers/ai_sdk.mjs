// Vercel's AI SDK: what a tool returns, as a model gets it.
import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport } from "@ai-sdk/mcp/mcp-stdio";
import { ARGS, PROGRAM, abandoned, walk } from "./walk.mjs";

const client = await createMCPClient({ transport: new Experimental_StdioMCPTransport({ command: PROGRAM, args: ARGS }) });
const tools = await client.tools();
async function call(name, args, abortSignal) {
  const output = await tools[name].execute(args, { toolCallId: "1", messages: [], abortSignal });
  return tools[name].toModelOutput ? await tools[name].toModelOutput({ toolCallId: "1", input: args, output }) : output;
}
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.description])),
  call: (name, args) => call(name, args),
  giveUp: (name, args, seconds) => abandoned(seconds, (signal) => call(name, args, signal)),
  resources: async () => (await client.listResources()).resources.map((each) => each.uri),
  read: async (uri) => (await client.readResource({ uri })).contents[0].text,
  templates: async () => (await client.listResourceTemplates()).resourceTemplates.map((each) => each.uriTemplate),
  prompts: async () => (await client.listPrompts()).prompts.map((each) => each.name),
  prompt: async (name, args) => (await client.getPrompt({ name, arguments: args })).messages[0].content.text,
  complete: async (name, argument, typed) =>
    (await client.complete({ ref: { type: "ref/prompt", name }, argument: { name: argument, value: typed } })).completion.values,
});
