// The fleet as the browser holds it: the newest position of each vehicle.
import type { Freshness, Motion } from "../words/catalogue";

export interface Fix {
  fixTime?: string;
  position?: { longitude?: number; latitude?: number };
  altitude?: number;
  speed?: number;
  course?: number;
  accuracy?: number;
  satellites?: number;
  source?: string;
}

export interface Position {
  vehicle?: string;
  device?: string;
  displayName?: string;
  fix?: Fix;
  motion?: string;
  motionStartTime?: string;
  odometer?: number;
}

export interface Vehicle {
  /** Resource name of the vehicle, or of the device that is on none. */
  name: string;
  title: string;
  device: string;
  time: number;
  lon: number;
  lat: number;
  /** m/s and degrees; undefined when the unit does not say. */
  speed: number | undefined;
  course: number | undefined;
  /** What it does, since when (ms), and how far it has gone (m); undefined when nobody knows. */
  motion: Motion | undefined;
  motionSince: number;
  odometer: number | undefined;
}

const motions: Record<string, Motion> = { MOTION_MOVING: "moving", MOTION_IDLING: "idling", MOTION_STOPPED: "stopped" };

/** A vehicle that has not been heard for this many times the live age is silent. */
const silentAfter = 6;

export function freshnessOf(vehicle: Vehicle, now: number, liveAge: number): Freshness {
  const age = now - vehicle.time;
  if (age < liveAge) return "live";
  return age < silentAfter * liveAge ? "lastKnown" : "silent";
}

export class Fleet {
  private readonly vehicles = new Map<string, Vehicle>();
  private sorted: Vehicle[] = [];
  private resort = false;

  constructor(private readonly collator: Intl.Collator) {}

  /** Takes what the stream said. A position older than the one that is here changes nothing. */
  take(positions: Position[]): void {
    for (const p of positions) {
      const name = p.vehicle || p.device;
      if (!name || !p.fix?.fixTime) continue;
      const time = Date.parse(p.fix.fixTime);
      const before = this.vehicles.get(name);
      if (before && before.time > time) continue;
      const title = p.displayName || name.slice(name.indexOf("/") + 1);
      this.resort ||= before?.title !== title;
      const now: Vehicle = {
        name,
        title,
        device: p.device ?? "",
        time,
        lon: p.fix.position?.longitude ?? 0,
        lat: p.fix.position?.latitude ?? 0,
        speed: p.fix.speed,
        course: p.fix.course,
        motion: motions[p.motion ?? ""],
        motionSince: p.motionStartTime ? Date.parse(p.motionStartTime) : 0,
        odometer: p.odometer,
      };
      if (before) Object.assign(before, now);
      else {
        this.vehicles.set(name, now);
        this.sorted.push(now);
      }
    }
  }

  get(name: string): Vehicle | undefined {
    return this.vehicles.get(name);
  }

  get size(): number {
    return this.vehicles.size;
  }

  all(): Iterable<Vehicle> {
    return this.vehicles.values();
  }

  /** Those whose title or name has all the words of the query, by title. */
  find(query: string): Vehicle[] {
    if (this.resort) {
      this.sorted.sort((a, b) => this.collator.compare(a.title, b.title));
      this.resort = false;
    }
    const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return this.sorted;
    return this.sorted.filter((v) => {
      const text = `${v.title} ${v.name} ${v.device}`.toLocaleLowerCase();
      return words.every((word) => text.includes(word));
    });
  }
}
