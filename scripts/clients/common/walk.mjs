// What every JavaScript client is asked to do; the twin of walk.py. A client that has no way to do a step leaves it out.
export const COMMAND = JSON.parse(process.env.VM_CLIENT_SERVER || "[]");
export const URL_ = process.env.VM_CLIENT_URL || "";
export const [PROGRAM, ...ARGS] = COMMAND;
const STEP_SECONDS = 60;
const GIVE_UP_SECONDS = 1;

export function asText(value) {
  return typeof value === "string" ? value : JSON.stringify(value) ?? String(value);
}

function uuidsIn(text) {
  const whole = text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g) || [];
  const ends = [...text.matchAll(/(?:^|\n|\\n)([0-9a-f]{6})(?:\t|\\t)/g)].map((match) => match[1]);
  return [...new Set(ends.length ? ends : whole)]; // a client may give answers uuids of its own
}

function within(seconds, promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer within a minute")), seconds * 1000).unref());
  return Promise.race([promise, late]);
}

export async function walk(client) {
  const seen = {};
  async function step(name, take) {
    try {
      const result = await within(STEP_SECONDS, take());
      seen[name] = typeof result === "object" && result !== null ? result : asText(result);
      return result;
    } catch (error) {
      seen[name] = { raised: `${error?.name}: ${error?.message ?? error}`.slice(0, 600) };
    }
  }
  if (client.tools) await step("tools", () => client.tools());
  const listed = await step("twenty", () => client.call("list_voicemails", { limit: 20 }));
  const uuids = uuidsIn(asText(listed ?? ""));
  const heard = { uuids: uuids.slice(0, 3) };
  if (client.callWatched) {
    const progress = [];
    await step("transcribed", () => client.callWatched("transcribe_voicemails", heard, (event) => progress.push(event)));
    seen.progress = progress;
  } else {
    await step("transcribed", () => client.call("transcribe_voicemails", heard));
  }
  if (client.giveUp) {
    await step("gave_up", () => client.giveUp("transcribe_voicemails", { uuids: uuids.slice(3, 11) }, GIVE_UP_SECONDS));
  }
  const began = Date.now();
  await step("again", () => client.call("transcribe_voicemails", { uuids: uuids.slice(3, 5) }));
  seen.again_seconds = (Date.now() - began) / 1000;
  await step("afterwards", () => client.call("list_voicemails", { limit: 1 }));
  await step("refused", () => client.call("list_voicemails", { limit: 0 }));
  if (client.resources) {
    const uris = (await step("resources", () => client.resources())) || [];
    const transcript = uris.find((uri) => String(uri).endsWith("/transcript"));
    if (client.read && transcript) await step("read", () => client.read(transcript));
  }
  for (const name of ["templates", "prompts", "ping"]) if (client[name]) await step(name, () => client[name]());
  if (client.prompt) await step("prompt", () => client.prompt("triage_inbox", { language: "tr" }));
  if (client.complete) await step("complete", () => client.complete("triage_inbox", "language", "t"));
  process.stdout.write("\n" + JSON.stringify(seen) + "\n", () => process.exit(0));
}

// Give up as a person does who presses Stop: through the signal that the client takes.
export async function abandoned(seconds, call) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), seconds * 1000);
  try {
    await call(controller.signal);
    return "answered";
  } catch (error) {
    return `gave up: ${error?.message ?? error}`.slice(0, 200);
  }
}
