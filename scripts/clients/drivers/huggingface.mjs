// Hugging Face's tiny agents: the client beneath them, over a model that answers with the call it is told to make.
import http from "node:http";
import { McpClient } from "@huggingface/mcp-client";
import { ARGS, PROGRAM, walk } from "./walk.mjs";

let next = ["list_voicemails", {}];
const model = http.createServer((request, response) => {
  request.resume().on("end", () => {
    const call = { index: 0, id: "1", type: "function", function: { name: next[0], arguments: JSON.stringify(next[1]) } };
    const chunk = { id: "1", object: "chat.completion.chunk", choices: [{ index: 0, delta: { role: "assistant", tool_calls: [call] }, finish_reason: "tool_calls" }] };
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
});
await new Promise((ready) => model.listen(0, "127.0.0.1", ready));
const client = new McpClient({ endpointUrl: `http://127.0.0.1:${model.address().port}`, model: "none", apiKey: "hf_none" });
await client.addMcpServer({ command: PROGRAM, args: ARGS });
await walk({
  tools: async () => Object.fromEntries(client.availableTools.map((tool) => [tool.function.name, tool.function.description])),
  call: async (name, args) => {
    next = [name, args];
    for await (const part of client.processSingleTurnWithTools([{ role: "user", content: "?" }])) {
      if (part.role === "tool") return part.content;
    }
  },
});
