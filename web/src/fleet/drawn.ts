// The line of a vehicle's track as it grows.
import type { Fix } from "./model";

type Point = [number, number];

/** How far the drawn track may be from the true one in metres, and of how many points it is at most. */
const nearEnough = 3;
const mostPoints = 2_000;
/** How long a line only grows, in ms: then all of it is asked for again, and what came late shows. */
const growFor = 5 * 60_000;

export class Drawn {
  line: Point[] = [];
  private end = "";
  private wholeAt = 0;

  /** What to ask for at the time: all since then, or what came after the end of the line. */
  query(since: Date, now: number): URLSearchParams {
    const whole = this.end === "" || now - this.wholeAt >= growFor || this.line.length >= 2 * mostPoints;
    if (whole) {
      this.line = [];
      this.end = "";
      this.wholeAt = now;
    }
    return new URLSearchParams({
      fromTime: whole ? since.toISOString() : this.end,
      tolerance: String(nearEnough),
      maxPoints: String(mostPoints),
    });
  }

  /** Adds the answer, which begins with the fix at the end of the line. */
  add(answer: { track?: { fixes?: Fix[] } }): void {
    const fixes = answer.track?.fixes ?? [];
    if (fixes[0]?.fixTime === this.end) this.line.pop();
    this.line.push(...fixes.map(({ position }): Point => [position?.longitude ?? 0, position?.latitude ?? 0]));
    this.end = fixes.at(-1)?.fixTime ?? this.end;
  }
}
