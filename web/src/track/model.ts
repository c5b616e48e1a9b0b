// What /t/{token}/location answers: the order's location as protojson, with what it is.
import type { Stage, Status } from "../words/catalogue";

export interface Point {
  longitude?: number;
  latitude?: number;
}

export interface Place {
  kind?: string;
  displayName?: string;
  facility?: string;
  point?: Point;
}

export interface ShipmentLocation {
  shipment?: string;
  status?: string;
  stage?: string;
  disposition?: string;
  place?: Place;
  point?: Point;
  asOfTime?: string;
  freshness?: string;
  sinceTime?: string;
  nextStop?: Place;
  nearest?: { displayName?: string; distance?: number; bearing?: number };
  speed?: number;
  course?: number;
  stages?: { stage?: string; enterTime?: string }[];
  unknownReason?: string;
}

export interface OrderLocation {
  order?: string;
  status?: string;
  shipments?: ShipmentLocation[];
  promisedWindow?: { startTime?: string; endTime?: string };
}

export interface Line {
  description: string;
  quantity: number;
  unit: string;
}

export interface Tracked {
  order: string;
  reference?: string;
  lines: Line[];
  language: string;
  /** How to ask by SMS. */
  text?: { code: string; number?: string };
  location: OrderLocation;
}

const stages: Record<string, Stage> = {
  STAGE_PRODUCTION: "production",
  STAGE_WAREHOUSE: "warehouse",
  STAGE_TRANSIT: "transit",
  STAGE_DELIVERED: "delivered",
  STAGE_INSTALLED: "installed",
  STAGE_RETURNED: "returned",
};

const statuses: Record<string, Status> = {
  STATUS_PENDING: "pending",
  STATUS_INFO_RECEIVED: "infoReceived",
  STATUS_IN_TRANSIT: "inTransit",
  STATUS_OUT_FOR_DELIVERY: "outForDelivery",
  STATUS_ATTEMPT_FAIL: "attemptFail",
  STATUS_DELIVERED: "delivered",
  STATUS_AVAILABLE_FOR_PICKUP: "availableForPickup",
  STATUS_EXCEPTION: "exception",
  STATUS_EXPIRED: "expired",
};

export const stageOf = (s: string | undefined): Stage | undefined => stages[s ?? ""];
export const statusOf = (s: string | undefined): Status => statuses[s ?? ""] ?? "pending";

/** Longitude and latitude; protojson leaves zeros out. */
export function lonLat(point: Point | undefined): [number, number] | undefined {
  return point ? [point.longitude ?? 0, point.latitude ?? 0] : undefined;
}

export const date = (s: string | undefined): Date | undefined => (s === undefined ? undefined : new Date(s));

export type Trust = "unknown" | "fixed" | "live" | "lastKnown";

/**
 * How far a position can be trusted to be of now. The server decides; but what it said a while ago ages here too, so that a
 * page whose connection hangs never calls a stale position live.
 */
export function trustOf(shipment: ShipmentLocation, now: Date, connected: boolean, liveAge: number): Trust {
  switch (shipment.freshness) {
    case "FRESHNESS_FIXED":
      return "fixed";
    case "FRESHNESS_LIVE": {
      const asOf = date(shipment.asOfTime);
      const young = asOf !== undefined && now.getTime() - asOf.getTime() < liveAge;
      return connected && young ? "live" : "lastKnown";
    }
    case "FRESHNESS_LAST_KNOWN":
      return "lastKnown";
    default:
      return "unknown";
  }
}

export interface Step {
  stage: Stage;
  state: "done" | "current" | "ahead";
  time?: Date;
}

const usualWay: Stage[] = ["production", "warehouse", "transit", "delivered"];

/** The stages it has been through and, while it is on its usual way, those ahead. */
export function steps(shipment: ShipmentLocation): Step[] {
  const been: Step[] = (shipment.stages ?? []).flatMap((entry) => {
    const stage = stageOf(entry.stage);
    const time = date(entry.enterTime);
    return stage ? [{ stage, state: "done" as const, ...(time && { time }) }] : [];
  });
  const last = been.at(-1);
  if (last) last.state = last.stage === "delivered" || last.stage === "installed" ? "done" : "current";
  const reached = last ? usualWay.indexOf(last.stage) : -1;
  // After an installation or a return nothing usual lies ahead.
  const ahead = last && reached < 0 ? [] : usualWay.slice(reached + 1);
  return [...been, ...ahead.map((stage) => ({ stage, state: "ahead" as const }))];
}
