// Times, distances and directions as the reader writes them.
import type { Compass } from "./catalogue";
import { fill, type Words } from "./language";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Below this age (ms) it is now. */
const nowWithin = 5 * second;

/** "30 seconds ago", by the largest unit that says enough. */
export function ago(words: Words, then: Date, now: Date): string {
  const age = Math.max(0, now.getTime() - then.getTime());
  if (age < nowWithin) return words.say.seen.now;
  const relative = new Intl.RelativeTimeFormat(words.locale, { numeric: "always", style: "long" });
  if (age < minute) return relative.format(-Math.floor(age / second), "second");
  if (age < hour) return relative.format(-Math.floor(age / minute), "minute");
  if (age < 2 * day) return relative.format(-Math.floor(age / hour), "hour");
  return relative.format(-Math.floor(age / day), "day");
}

/** A point in time: only the clock's when it is of today. */
export function moment(words: Words, at: Date, now: Date): string {
  const sameDay = at.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(words.locale, {
    ...(!sameDay && { day: "numeric", month: "short" }),
    ...(at.getFullYear() !== now.getFullYear() && { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** The clock's time; with the date when it is not on the day. */
export function clock(words: Words, at: Date, day: Date): string {
  const sameDay = at.toDateString() === day.toDateString();
  return new Intl.DateTimeFormat(words.locale, {
    ...(!sameDay && { day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** How long it lasted, in ms, to the minute: "1 hr 5 min". */
export function lasted(words: Words, ms: number): string {
  const minutes = Math.round(ms / minute);
  const unit = (value: number, of: "day" | "hour" | "minute") =>
    new Intl.NumberFormat(words.locale, { style: "unit", unit: of, unitDisplay: words.language === "zh" ? "long" : "short" }).format(value);
  const parts = [
    minutes >= 1440 && unit(Math.floor(minutes / 1440), "day"),
    minutes >= 60 && minutes % 1440 >= 60 && unit(Math.floor((minutes % 1440) / 60), "hour"),
    (minutes % 60 > 0 || minutes === 0) && unit(minutes % 60, "minute"),
  ];
  return parts.filter(Boolean).join(words.language === "zh" ? "" : " ");
}

/** Date and time to the second, for tables. */
export function exact(words: Words, at: Date, now: Date): string {
  const sameDay = at.toDateString() === now.toDateString();
  return new Intl.DateTimeFormat(words.locale, {
    ...(!sameDay && { day: "numeric", month: "short" }),
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** A window of time: the day is said once when both ends are on it. */
export function span(words: Words, from: Date, to: Date): string {
  const format = new Intl.DateTimeFormat(words.locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return format.formatRange(from, to);
}

/** The reader's zone in words, with its offset now. */
export function zone(words: Words, now: Date): string {
  const name = (timeZoneName: "longGeneric" | "shortOffset") =>
    new Intl.DateTimeFormat(words.locale, { timeZoneName })
      .formatToParts(now)
      .find((part) => part.type === "timeZoneName")?.value ?? "UTC";
  const long = name("longGeneric");
  const offset = name("shortOffset");
  // A zone without a name of its own, UTC among them, has only its offset.
  if (/^GMT/.test(long)) return offset === "GMT" || offset === "GMT+0" ? "UTC" : offset;
  return words.language === "zh" ? `${long}（${offset}）` : `${long} (${offset})`;
}

/** Metres, rounded to what a person can use. */
export function distance(words: Words, metres: number): string {
  const far = metres >= 1000;
  const step = metres < 100 ? 1 : 50;
  const value = far ? metres / 1000 : Math.round(metres / step) * step;
  return new Intl.NumberFormat(words.locale, {
    style: "unit",
    unit: far ? "kilometer" : "meter",
    unitDisplay: words.language === "zh" ? "long" : "short",
    maximumFractionDigits: far && value < 10 ? 1 : 0,
  }).format(value);
}

/** Metres a second as km/h. */
export function speed(words: Words, metresPerSecond: number): string {
  return new Intl.NumberFormat(words.locale, {
    style: "unit",
    unit: "kilometer-per-hour",
    maximumFractionDigits: 0,
  }).format(metresPerSecond * 3.6);
}

/** The point of the compass for degrees clockwise from north. */
export function compass(degrees: number): Compass {
  const points: Compass[] = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];
  return points[Math.round((((degrees % 360) + 360) % 360) / 45) % 8]!;
}

/** "12 km northeast of Kunshan", or only the name when it is there. */
export function near(words: Words, place: string, metres: number, bearing: number): { text: string; there: boolean } {
  // Closer than this a place's own extent is larger than the distance from its middle.
  const there = metres < 1500;
  if (there) return { text: place, there };
  return {
    there,
    text: fill(words.say.offset, {
      distance: distance(words, metres),
      compass: words.say.compass[compass(bearing)],
      place,
    }),
  };
}

/** How many, of what. */
export function quantity(words: Words, count: number, unit: string): string {
  const number = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 3 }).format(count);
  return unit === "" || unit === "piece" ? `${number} ×` : `${number} ${unit}`;
}
