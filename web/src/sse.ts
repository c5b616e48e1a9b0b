// Server-Sent Events by fetch instead of EventSource: it sees the status of a refused stream (a link that was revoked is
// not a network that is down), and comments, so that a silent connection is noticed.

export interface Message {
  event: string;
  data: string;
  id: string;
}

/** Parses the text of a stream, which comes in pieces that end anywhere. */
export class Parser {
  private rest = "";
  private event = "";
  private data: string[] = [];
  private id = "";
  /** What the server asked clients to wait before they come back, in ms. */
  retry: number | undefined;

  push(piece: string): Message[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.line(line) ?? []);
  }

  private line(line: string): Message | undefined {
    if (line === "") return this.dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id") this.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return undefined;
  }

  private dispatch(): Message | undefined {
    const message = { event: this.event || "message", data: this.data.join("\n"), id: this.id };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? undefined : message;
  }
}

export type Connection = "connecting" | "live" | "offline";

export interface Watcher {
  message(message: Message): void;
  state(connection: Connection): void;
  /** The server refused for good: 401, 403 or 404. Nothing more comes. */
  refused(status: number): void;
}

/** The server sends at least a comment every 15 s; after this long without a byte the connection counts as dead. */
const silence = 40_000;
const longestWait = 30_000;
/** A page that nobody sees gives its connection back after this long: browsers allow six to a host over HTTP/1.1. */
const unseen = 60_000;

/** Keeps a stream open until the signal ends it: comes back after failures, with growing waits, and when the network returns. */
export async function watch(url: string, watcher: Watcher, signal: AbortSignal): Promise<void> {
  let failures = 0;
  let lastId = "";
  let retry = 1000;
  while (!signal.aborted) {
    await seen(signal);
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener("abort", stop, { once: true });
    const ignore = afterUnseen(stop);
    let timer = setTimeout(stop, silence);
    try {
      watcher.state("connecting");
      const headers: Record<string, string> = { accept: "text/event-stream", ...(lastId && { "last-event-id": lastId }) };
      const response = await fetch(url, { headers, cache: "no-store", signal: attempt.signal });
      if ([401, 403, 404].includes(response.status)) {
        watcher.refused(response.status);
        return;
      }
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      const parser = new Parser();
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(timer);
        timer = setTimeout(stop, silence);
        for (const message of parser.push(decoder.decode(value, { stream: true }))) {
          lastId = message.id || lastId;
          watcher.message(message);
          // The message may have been the last one.
          if (signal.aborted) return;
        }
        failures = 0;
        retry = parser.retry ?? retry;
        watcher.state("live");
      }
    } catch {
      // Whatever broke it, the answer is the same: come back.
      failures++;
    } finally {
      clearTimeout(timer);
      ignore();
      signal.removeEventListener("abort", stop);
    }
    if (signal.aborted) return;
    watcher.state("offline");
    await pause(Math.min(longestWait, retry * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2), signal);
  }
}

/** Waits until the page is in sight. */
function seen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
    look();
  });
}

/** Calls back once the page has been out of sight for long; the result ends the wait. */
function afterUnseen(act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(act, unseen);
  };
  document.addEventListener("visibilitychange", look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/** Waits, but not longer than until the network is said to be back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
  });
}
