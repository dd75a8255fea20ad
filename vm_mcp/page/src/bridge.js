/** @import { Bridge, HostContext } from "./types.js" */
import { language } from "./texts.js";

/** A call that brought no result. */
export class BridgeError extends Error {
  /**
   * @param {"tool" | "gone" | "expired"} kind `tool`: the server's own words; `gone`: it can't be reached;
   *   `expired`: the page's cookie is not valid any more.
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

const APP = { name: "vm-mcp inbox", version: "1" };
const PROTOCOL = "2026-01-26";

/** Return the way to the server, ready to be used. @returns {Promise<Bridge>} */
export async function openBridge() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="vm-mcp-bridge"]'));
  return meta?.content === "local" ? localBridge(meta.dataset.closes !== "no") : hostBridge();
}

/**
 * @param {boolean} canEnd
 * @returns {Bridge}
 */
function localBridge(canEnd) {
  let touched = Date.now();
  for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (touched = Date.now()), true);
  /** @type {Bridge["call"]} */
  const post = async (path, args) => {
    const untouched = String(Math.floor((Date.now() - touched) / 1000));
    let response;
    try {
      response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "vm-mcp-untouched": untouched },
        body: JSON.stringify(args),
        credentials: "same-origin",
        cache: "no-store",
      });
    } catch {
      throw new BridgeError("gone", "");
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const kind = response.status === 401 ? "expired" : response.status >= 502 ? "gone" : "tool";
    throw new BridgeError(kind, kind === "tool" ? answer.error || `HTTP ${response.status}` : "");
  };
  return {
    context: { locale: navigator.language, displayMode: "fullscreen" },
    isHosted: false,
    call: (name, args) => post(`call/${name}`, { ...args, language: language() }),
    onContext: () => {},
    asked: async () => ({}),
    sizeTo: () => {},
    show: null,
    end: canEnd ? () => post("close", {}) : null,
    onEnd: () => {},
  };
}

/** Talk to the MCP host in whose frame the page is: JSON-RPC over postMessage. @returns {Promise<Bridge>} */
async function hostBridge() {
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();
  /** @type {HostContext} */
  const context = {};
  let changed = () => {};
  let stop = () => {};
  /** @type {(args: object) => void} */
  let hear = () => {};
  const asked = new Promise((resolve) => (hear = resolve));
  let lastId = 0;

  /** @param {object} message */
  const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  /**
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>}
   */
  const request = (method, params) =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      send({ id: lastId, method, params });
    });

  /** @type {Record<string, (params: any) => object>} */
  const handlers = {
    ping: () => ({}),
    "ui/resource-teardown": () => (stop(), {}),
    "ui/notifications/tool-input": (params) => (hear(params.arguments || {}), {}),
    "ui/notifications/host-context-changed": (params) => (Object.assign(context, params), changed(), {}),
  };
  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || data?.jsonrpc !== "2.0") return;
    if (data.method) {
      const result = handlers[data.method]?.(data.params || {});
      if (data.id === undefined) return;
      return send({ id: data.id, ...(result ? { result } : { error: { code: -32601, message: "Method not found" } }) });
    }
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) call?.reject(new BridgeError("gone", data.error.message || ""));
    else call?.resolve(data.result);
  });

  const appCapabilities = { availableDisplayModes: ["inline", "fullscreen"] };
  const begun = await request("ui/initialize", { appInfo: APP, appCapabilities, protocolVersion: PROTOCOL });
  Object.assign(context, begun.hostContext);
  send({ method: "ui/notifications/initialized", params: {} });
  return {
    context,
    isHosted: true,
    call: async (name, args) => {
      const result = await request("tools/call", { name, arguments: { ...args, language: language() } });
      if (!result.isError) return result.structuredContent;
      throw new BridgeError("tool", result.content?.find((/** @type {any} */ block) => block.type === "text")?.text || name);
    },
    onContext: (listener) => (changed = listener),
    asked: () => asked,
    sizeTo: (height) => send({ method: "ui/notifications/size-changed", params: { height } }),
    show: async (mode) => {
      const shown = await request("ui/request-display-mode", { mode });
      Object.assign(context, { displayMode: shown.mode });
      changed();
    },
    end: null,
    onEnd: (listener) => (stop = listener),
  };
}
