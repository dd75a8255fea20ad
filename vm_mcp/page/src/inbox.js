/** @import { Bridge, MarkState, MessagePage, Voicemail } from "./types.js" */
import { BridgeError } from "./bridge.js";
import { Clock } from "./clock.js";
import { keyOf } from "./message_facts.js";

const FIRST_PAGE = 12;
const PAGE = 50;
const RETRY_SECONDS = [2, 4, 8, 16, 30];

/** The messages that are shown, as the server has them. */
export class Inbox {
  /**
   * @param {Bridge} bridge
   * @param {() => void} onList Called when the list has changed.
   * @param {(message: Voicemail) => void} onMessage Called when one message has changed.
   */
  constructor(bridge, onList, onMessage) {
    this.bridge = bridge;
    this.onList = onList;
    this.onMessage = onMessage;
    this.filter = { status: "open", extension: "", since: "30d", query: "" };
    /** Asked for before the page is built, which the server's time is used for. @type {Promise<MessagePage> | null} */
    this.first = this.page("", FIRST_PAGE);
    this.first.catch(() => {}); // told where it is waited for
    /** @type {Voicemail[]} */
    this.messages = [];
    /** @type {Record<string, string>} */
    this.owners = {};
    /** @type {string[]} */
    this.mailboxes = [];
    this.total = 0;
    this.cursor = "";
    this.notice = "";
    this.canPlay = false;
    this.canUpdate = false;
    this.clock = new Clock("Europe/Istanbul", new Date().toISOString());
    /** Why there is no list, or no newer one. @type {BridgeError | null} */
    this.error = null;
    this.isLoading = false;
    this.hasLoaded = false;
    this.turn = 0;
    /** What came of single messages after the list was asked for, which may be older. @type {Map<string, Voicemail>} */
    this.newer = new Map();
    this.failures = 0;
    this.retry = 0;
  }

  /**
   * Choose which messages to show.
   *
   * @param {Partial<Inbox["filter"]>} filter
   */
  choose(filter) {
    Object.assign(this.filter, filter);
    this.first = null;
    this.messages = [];
    this.hasLoaded = false;
    return this.reload();
  }

  /** Get the list anew, as long as it is now. */
  async reload() {
    const turn = ++this.turn;
    const wanted = this.messages.length;
    clearTimeout(this.retry);
    this.isLoading = true;
    this.newer.clear();
    this.onList();
    try {
      const first = this.first || this.page("", wanted ? PAGE : FIRST_PAGE);
      this.first = null;
      let page = await first;
      const messages = [...page.voicemails];
      while (turn === this.turn && messages.length < wanted && page.next_cursor) {
        page = await this.page(page.next_cursor, PAGE);
        messages.push(...page.voicemails);
      }
      if (turn !== this.turn) return;
      this.messages = [];
      this.take(page, messages.map((message) => asListed(this.newer.get(message.uuid) || message, message)));
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** Get the messages that follow. */
  async more() {
    if (this.isLoading || !this.cursor) return;
    const turn = ++this.turn;
    this.isLoading = true;
    try {
      const page = await this.page(this.cursor, PAGE);
      if (turn === this.turn) this.take(page, page.voicemails);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /**
   * Get one message anew, whole.
   *
   * @param {string} uuid
   */
  async refresh(uuid) {
    const page = await this.bridge.call("inbox_messages", { uuid });
    this.put(page.voicemails);
  }

  /**
   * Note what a person says of a message.
   *
   * @param {Voicemail} message
   * @param {{state?: MarkState, note?: string}} said What is left out stays; an empty note alone deletes it.
   */
  async mark({ uuid }, said) {
    const answer = await this.bridge.call("inbox_update", { uuids: [uuid], ...said });
    this.put(answer.voicemails);
  }

  /**
   * @param {string} cursor
   * @param {number} limit
   * @returns {Promise<MessagePage>}
   */
  page(cursor, limit) {
    const { status, extension, since, query } = this.filter;
    const most = query ? PAGE : limit; // a search has no second page
    return this.bridge.call("inbox_messages", { status, extension, since, query, cursor, limit: most });
  }

  /**
   * @param {MessagePage} page
   * @param {Voicemail[]} messages
   */
  take(page, messages) {
    const known = new Set(this.messages.map(keyOf));
    this.messages = [...this.messages, ...messages.filter((message) => !known.has(keyOf(message)))];
    this.owners = { ...this.owners, ...page.owners };
    this.mailboxes = page.mailboxes;
    this.total = page.total_count ?? 0;
    this.cursor = page.next_cursor || "";
    this.notice = page.notice || "";
    this.canPlay = page.can_play;
    this.canUpdate = page.can_update;
    this.clock = new Clock(page.timezone, page.now);
    this.error = null;
    this.failures = 0;
    this.hasLoaded = true;
    this.isLoading = false;
    this.onList();
  }

  /** @param {unknown} error */
  fail(error) {
    this.error = asBridgeError(error);
    this.isLoading = false;
    if (this.error.kind === "gone") {
      const seconds = RETRY_SECONDS[Math.min(this.failures++, RETRY_SECONDS.length - 1)];
      this.retry = setTimeout(() => this.reload(), seconds * 1000);
    }
    this.onList();
  }

  /**
   * Take what messages are now; one that is in two mailboxes comes once, and is the same in both.
   *
   * @param {Voicemail[]} changed
   */
  put(changed) {
    for (const message of changed) {
      this.newer.set(message.uuid, message);
      const listed = this.messages.filter(({ uuid }) => uuid === message.uuid);
      for (const row of listed) this.replace(asListed(message, row));
      if (!listed.length) this.onMessage(message);
    }
  }

  /** @param {Voicemail} message */
  replace(message) {
    this.messages = this.messages.map((other) => (keyOf(other) === keyOf(message) ? message : other));
    this.onMessage(message);
  }
}

/**
 * Return a message with what its row in the list has for itself: the mailbox, and where a search found it.
 *
 * @param {Voicemail} message
 * @param {Voicemail} row
 * @returns {Voicemail}
 */
function asListed(message, { extension, snippet, close }) {
  return { ...message, extension, snippet, close };
}

/**
 * @param {unknown} error
 * @returns {BridgeError}
 */
export function asBridgeError(error) {
  return error instanceof BridgeError ? error : new BridgeError("tool", String(error));
}
