// One vehicle's day: its trips and stops in turns, and what they come to.
import { byId, h, setText } from "../dom";
import { clock, distance, lasted, speed } from "../words/format";
import { fill, type Words } from "../words/language";

interface Place {
  longitude?: number;
  latitude?: number;
}

export interface Trip {
  startTime?: string;
  endTime?: string;
  startPosition?: Place;
  distance?: number;
  maxSpeed?: number | null;
  underWay?: boolean;
}

export interface Stop {
  startTime?: string;
  endTime?: string;
  position?: Place;
  idleDuration?: string;
  underWay?: boolean;
  zones?: { zone?: string; displayName?: string }[];
}

/** A stop as the map shows it. */
export interface NumberedStop {
  number: number;
  lon: number;
  lat: number;
}

/** A trip, or a stop with its number, in the order of the day. */
export type Part = { start: Date; end: Date; underWay: boolean } & (
  | { kind: "trip"; trip: Trip }
  | { kind: "stop"; stop: Stop; number: number }
);

/** Shorter than this in ms an engine that runs at a stop is not worth a word. */
const leastIdle = 60_000;
/** More trips than this no day has. */
const most = 1_000;

/** Trips and stops in turns. */
export function partsOf(trips: Trip[], stops: Stop[]): Part[] {
  const times = (x: Trip | Stop) => ({
    start: new Date(x.startTime ?? 0),
    end: new Date(x.endTime ?? 0),
    underWay: x.underWay ?? false,
  });
  return [
    ...trips.map((trip): Part => ({ kind: "trip", trip, ...times(trip) })),
    ...stops.map((stop, i): Part => ({ kind: "stop", stop, number: i + 1, ...times(stop) })),
  ].sort((a, b) => a.start.getTime() - b.start.getTime());
}

export class Day {
  private readonly section = byId("day");
  private readonly input = byId<HTMLInputElement>("day-date");
  private readonly list = byId("day-parts");
  private from = today();

  constructor(
    private readonly words: Words,
    private readonly chosen: () => void,
    private readonly drawStops: (stops: NumberedStop[]) => void,
    private readonly center: (lon: number, lat: number) => void,
  ) {
    this.input.addEventListener("change", () => {
      if (this.input.value !== "") this.choose(new Date(`${this.input.value}T00:00`));
    });
    byId("day-before").addEventListener("click", () => this.choose(nextDay(this.from, -1)));
    byId("day-after").addEventListener("click", () => this.choose(nextDay(this.from, 1)));
  }

  /** The midnight that it begins at. */
  get start(): Date {
    return this.from;
  }

  get end(): Date {
    return nextDay(this.from, 1);
  }

  /** Goes back to today, with nothing to show yet. */
  reset(): void {
    this.set(today());
    this.clear();
  }

  private choose(day: Date): void {
    if (Number.isNaN(day.getTime()) || day > today()) day = today();
    this.set(day);
    this.clear();
    this.chosen();
  }

  private set(day: Date): void {
    this.from = day;
    this.input.value = isoDate(day);
    this.input.max = isoDate(today());
    byId<HTMLButtonElement>("day-after").disabled = day >= today();
  }

  private clear(): void {
    this.list.replaceChildren();
    setText(byId("day-sum"), "");
    this.drawStops([]);
    delete document.documentElement.dataset["day"];
  }

  async load(name: string, signal: AbortSignal): Promise<void> {
    const { from } = this;
    const query = new URLSearchParams({ fromTime: from.toISOString(), toTime: this.end.toISOString(), pageSize: String(most) });
    const responses = await Promise.all(["trips", "stops"].map((what) => fetch(`/v1/${name}/${what}?${query}`, { signal })));
    // Not everybody who may see where vehicles are may see what they did.
    this.section.hidden = responses.some((r) => r.status === 403);
    if (this.section.hidden) return;
    for (const r of responses) if (!r.ok) throw new Error(`status ${r.status}`);
    const [{ trips = [] }, { stops = [] }] = (await Promise.all(responses.map((r) => r.json()))) as [
      { trips?: Trip[] },
      { stops?: Stop[] },
    ];
    if (from === this.from) this.show(trips, stops);
  }

  private show(trips: Trip[], stops: Stop[]): void {
    const parts = partsOf(trips, stops);
    this.list.replaceChildren(...parts.map((part) => this.row(part)));
    this.drawStops(stops.map(({ position }, i) => ({ number: i + 1, lon: position?.longitude ?? 0, lat: position?.latitude ?? 0 })));
    const whole = trips.reduce((sum, trip) => sum + (trip.distance ?? 0), 0);
    const moving = parts.reduce((sum, part) => (part.kind === "trip" ? sum + this.within(part) : sum), 0);
    const say = this.words.say.fleet.day;
    const sum = fill(say.sum, { distance: distance(this.words, whole), time: lasted(this.words, moving) });
    setText(byId("day-sum"), parts.length === 0 ? say.nothing : sum);
    document.documentElement.dataset["day"] = `${trips.length} ${stops.length}`;
  }

  /** How much of it is of this day, in ms. */
  private within({ start, end }: Part): number {
    return Math.min(end.getTime(), this.end.getTime()) - Math.max(start.getTime(), this.from.getTime());
  }

  private row(part: Part): HTMLElement {
    const [mark, place] =
      part.kind === "stop" ? [String(part.number), part.stop.position] : ["", part.trip.startPosition];
    const button = h(
      "button",
      { type: "button", class: `part ${part.kind}` },
      h("span", { class: "mark", "aria-hidden": "true" }, mark),
      h("span", { class: "when" }, this.when(part)),
      h("span", { class: "lasted" }, lasted(this.words, part.end.getTime() - part.start.getTime())),
      h("span", { class: "what" }, part.kind === "stop" ? this.stopText(part.stop) : this.tripText(part.trip)),
    );
    button.addEventListener("click", () => this.center(place?.longitude ?? 0, place?.latitude ?? 0));
    return h("li", {}, button);
  }

  /** From when to when; what is beyond the day comes with its date. */
  private when({ start, end, underWay }: Part): string {
    const { day } = this.words.say.fleet;
    const from = clock(this.words, start, this.from);
    return underWay ? fill(day.since, { from }) : fill(day.span, { from, to: clock(this.words, end, this.from) });
  }

  private stopText(stop: Stop): string {
    const { day } = this.words.say.fleet;
    const zones = (stop.zones ?? []).map((z) => z.displayName || (z.zone ?? "").replace(/^zones\//, ""));
    const degrees = (d: number | undefined) => (d ?? 0).toFixed(4);
    const where = zones.length > 0 ? zones.join(", ") : `${degrees(stop.position?.latitude)}, ${degrees(stop.position?.longitude)}`;
    const idle = 1000 * parseFloat(stop.idleDuration ?? "0");
    return idle < leastIdle ? where : `${where} · ${fill(day.idle, { time: lasted(this.words, idle) })}`;
  }

  private tripText(trip: Trip): string {
    const way = distance(this.words, trip.distance ?? 0);
    if (typeof trip.maxSpeed !== "number") return way;
    return `${way} · ${fill(this.words.say.fleet.day.upTo, { speed: speed(this.words, trip.maxSpeed) })}`;
  }
}

function today(): Date {
  const day = new Date();
  day.setHours(0, 0, 0, 0);
  return day;
}

function nextDay(from: Date, by: number): Date {
  const day = new Date(from);
  day.setDate(day.getDate() + by);
  return day;
}

/** As `<input type="date">` wants it, in the reader's zone. */
function isoDate(day: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
