// An MCP host: the official bridge, with the page in a frame. `callTool` is the test's; it calls the server.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const { url, context, asked } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.title = "The inbox";
document.body.append(frame);

const bridge = new AppBridge(null, { name: "test host", version: "1" }, { serverTools: {} }, { hostContext: context });
bridge.oncalltool = ({ name, arguments: given }) => window.callTool(name, given ?? {});
bridge.onrequestdisplaymode = async ({ mode }) => {
  bridge.setHostContext({ ...context, displayMode: mode });
  return { mode };
};
bridge.addEventListener("sizechange", ({ height }) => (frame.style.height = `${height}px`));
bridge.addEventListener("initialized", () => bridge.sendToolInput({ arguments: asked }));
await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
window.bridge = bridge;
frame.src = url;
