// One vehicle: what it said last, its day with the track, and tracks to take away.
import { byId, h, setText, time } from "../dom";
import { ago, distance, exact, speed } from "../words/format";
import { fill, type Words } from "../words/language";
import { Day, type NumberedStop } from "./day";
import { Drawn } from "./drawn";
import { stateOf } from "./list";
import { freshnessOf, type Fix, type Fleet, type Vehicle } from "./model";

/** How many fixes the table shows. */
const lastFixes = 8;
/** How often the open vehicle's table and track are fetched again, in ms. */
const refresh = 10_000;

export class Details {
  private readonly panel = byId("vehicle");
  private name = "";
  private device = "";
  private fetching = new AbortController();
  private timer: ReturnType<typeof setInterval> | undefined;
  private seen = 0;
  private drawn = new Drawn();
  private readonly day: Day;

  constructor(
    private readonly fleet: Fleet,
    private readonly words: Words,
    private readonly liveAge: number,
    private readonly draw: (line: [number, number][]) => void,
    drawStops: (stops: NumberedStop[]) => void,
    center: (lon: number, lat: number) => void,
  ) {
    this.day = new Day(words, () => this.loadOther(), drawStops, center);
    const form = byId<HTMLFormElement>("download");
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.download(form);
    });
  }

  open(name: string): void {
    this.close();
    const vehicle = this.fleet.get(name);
    if (!vehicle) return;
    this.name = name;
    this.device = vehicle.device;
    this.fetching = new AbortController();
    this.panel.hidden = false;
    setText(byId("vehicle-title"), vehicle.title);
    byId("fixes").replaceChildren();
    setText(byId("fixes-state"), "");
    this.day.reset();
    this.presetPeriod();
    this.renew();
    this.load();
    this.timer = setInterval(() => this.load(), refresh);
  }

  close(): void {
    this.fetching.abort();
    clearInterval(this.timer);
    this.name = "";
    this.seen = 0;
    this.drawn = new Drawn();
    this.panel.hidden = true;
    this.draw([]);
    this.day.reset();
  }

  /** Renews what grows old by itself. */
  renew(): void {
    const vehicle = this.fleet.get(this.name);
    if (!vehicle) return;
    const freshness = freshnessOf(vehicle, Date.now(), this.liveAge);
    const line = byId("vehicle-freshness");
    line.dataset["freshness"] = freshness;
    const label = stateOf(this.words, vehicle, freshness, Date.now());
    setText(line, `${label} · ${ago(this.words, new Date(vehicle.time), new Date())}`);
    const { fleet } = this.words.say;
    const gone = vehicle.odometer === undefined ? "" : ` · ${fill(fleet.odometer, { distance: distance(this.words, vehicle.odometer) })}`;
    setText(byId("vehicle-device"), `${fleet.device} ${vehicle.device.replace(/^devices\//, "")}${gone}`);
  }

  /** Shows another day. */
  private loadOther(): void {
    this.fetching.abort();
    this.fetching = new AbortController();
    this.drawn = new Drawn();
    this.draw([]);
    this.seen = 0;
    this.load();
  }

  private load(): void {
    const vehicle = this.fleet.get(this.name);
    // The table changes only with a new fix.
    if (!vehicle || vehicle.time === this.seen) return;
    this.seen = vehicle.time;
    const signal = this.fetching.signal;
    void Promise.all([this.loadFixes(signal), this.loadTrack(vehicle, signal), this.day.load(vehicle.name, signal)]).catch(() => {
      if (signal.aborted) return;
      this.seen = 0;
      setText(byId("fixes-state"), this.words.say.fleet.failed);
    });
  }

  private async loadFixes(signal: AbortSignal): Promise<void> {
    const response = await fetch(`/v1/${this.device}/fixes?descending=true&pageSize=${lastFixes}`, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { fixes = [] } = (await response.json()) as { fixes?: Fix[] };
    setText(byId("fixes-state"), fixes.length === 0 ? this.words.say.fleet.noFixes : "");
    byId("fixes").replaceChildren(...fixes.map((fix) => this.row(fix)));
  }

  private row(fix: Fix): HTMLElement {
    const at = new Date(fix.fixTime ?? 0);
    const degrees = (d: number | undefined) => (d ?? 0).toFixed(5);
    return h(
      "tr",
      {},
      h("td", {}, time(at, exact(this.words, at, new Date()))),
      h("td", { class: "place" }, `${degrees(fix.position?.latitude)}, ${degrees(fix.position?.longitude)}`),
      h("td", {}, typeof fix.speed === "number" ? speed(this.words, fix.speed) : "–"),
      h("td", {}, typeof fix.course === "number" ? `${Math.round(fix.course)}°` : "–"),
      h("td", {}, typeof fix.accuracy === "number" ? distance(this.words, fix.accuracy) : "–"),
    );
  }

  private async loadTrack(vehicle: Vehicle, signal: AbortSignal): Promise<void> {
    const { drawn } = this;
    const query = drawn.query(this.day.start, Date.now());
    query.set("toTime", this.day.end.toISOString());
    const response = await fetch(`/v1/${vehicle.name}/track?${query}`, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    drawn.add(await response.json());
    const { line } = drawn;
    this.draw(line);
    setText(byId("track-state"), line.length === 0 ? this.words.say.fleet.noTrack : "");
    document.documentElement.dataset["track"] = String(line.length);
  }

  private presetPeriod(): void {
    const from = new Date();
    from.setHours(0, 0, 0, 0);
    const to = new Date(from);
    to.setDate(to.getDate() + 1);
    byId<HTMLInputElement>("from").value = local(from);
    byId<HTMLInputElement>("to").value = local(to);
  }

  private download(form: HTMLFormElement): void {
    const data = new FormData(form);
    const from = new Date(String(data.get("from")));
    const to = new Date(String(data.get("to")));
    const bad = !(from < to);
    setText(byId("download-state"), bad ? this.words.say.fleet.badPeriod : "");
    if (bad) return;
    // The answer says that it is an attachment, so the page stays.
    location.assign(fileUrl(this.name, String(data.get("format")), from, to));
  }
}

function fileUrl(name: string, format: string, from: Date, to: Date): string {
  const query = new URLSearchParams({ format, from: from.toISOString(), to: to.toISOString() });
  return `/v1/${name}/track?${query}`;
}

/** A time as `<input type="datetime-local">` wants it, in the reader's zone. */
function local(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
