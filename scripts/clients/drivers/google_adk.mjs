// Google's Agent Development Kit for JavaScript.
import { MCPToolset } from "@google/adk";
import { ARGS, PROGRAM, walk } from "./walk.mjs";

const toolset = new MCPToolset({ type: "StdioConnectionParams", serverParams: { command: PROGRAM, args: ARGS } });
const tools = Object.fromEntries((await toolset.getTools()).map((tool) => [tool.name, tool]));
await walk({
  tools: async () => Object.fromEntries(Object.entries(tools).map(([name, tool]) => [name, tool.description])),
  call: (name, args) => tools[name].runAsync({ args, toolContext: {} }),
  resources: () => toolset.listResources(),
});
