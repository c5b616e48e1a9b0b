// What the pages say, as a type: a language that lacks a word does not compile.

/** Fills of a text: `{name}` in it becomes fills.name. */
export type Fills = Record<string, string>;

export type Stage = "production" | "warehouse" | "transit" | "delivered" | "installed" | "returned";

export type Status =
  | "pending"
  | "infoReceived"
  | "inTransit"
  | "outForDelivery"
  | "attemptFail"
  | "delivered"
  | "availableForPickup"
  | "exception"
  | "expired";

export type Compass = "n" | "ne" | "e" | "se" | "s" | "sw" | "w" | "nw";

export interface Catalogue {
  order: string;
  yourReference: string;
  shipmentOf: string;
  contents: string;
  promised: string;
  window: string;
  /** {code} {number} */
  textMessage: string;
  byText: string;
  textLabel: string;
  progress: string;
  map: string;
  mapData: string;
  timesIn: string;
  loading: string;
  skipToDetails: string;
  skipToList: string;

  status: Record<Status, string>;
  stage: Record<Stage, string>;
  /** Said of a stage that lies ahead. */
  ahead: string;

  /** Where it is: {place} is its holder, {facility} the facility around it. */
  where: {
    notYetMade: string;
    madeAt: string;
    storedAt: string;
    onTheWay: string;
    onTheWayNear: string;
    onTheWayAt: string;
    carriedBy: string;
    deliveredAt: string;
    delivered: string;
    installedAt: string;
    installed: string;
    returned: string;
    at: string;
    inside: string;
    nextStop: string;
  };
  unknown: { notYetMade: string; noDevice: string; neverSeen: string; other: string };
  trouble: { damaged: string; other: string; help: string; attemptFail: string; expired: string };
  compass: Record<Compass, string>;
  /** {compass} {distance} {place} */
  offset: string;

  seen: { live: string; lastKnown: string; since: string; at: string; now: string };
  connection: { connecting: string; offline: string; gone: string; goneHelp: string };

  fleet: {
    title: string;
    search: string;
    vehicles: string;
    none: string;
    noMatch: string;
    freshness: Record<Freshness, string>;
    speed: string;
    course: string;
    accuracy: string;
    position: string;
    time: string;
    lastFixes: string;
    noFixes: string;
    trackToday: string;
    noTrack: string;
    download: string;
    from: string;
    to: string;
    format: string;
    get: string;
    close: string;
    back: string;
    signOut: string;
    center: string;
    denied: string;
    failed: string;
    device: string;
    badPeriod: string;
    motion: Record<Motion, string>;
    motionFor: string;
    odometer: string;
    alerts: {
      title: string;
      since: string;
      over: string;
      acknowledge: string;
      acknowledged: string;
      denied: string;
      modem: string;
      conditions: Record<
        | "speeding"
        | "speedingIn"
        | "speedingTold"
        | "lowBattery"
        | "lowBatteryTold"
        | "powerCut"
        | "temperature"
        | "doorOpen"
        | "shock"
        | "tilt"
        | "silent"
        | "dwelling"
        | "sos"
        | "memoryNearlyFull"
        | "weakSignal"
        | "notRegistered"
        | "hanging"
        | "pinRefused"
        | "simMissing"
        | "unplugged"
        | "other",
        string
      >;
    };
    day: { nothing: string; sum: string; span: string; since: string; idle: string; upTo: string };
  };
  login: { refused: string; role: string; busy: string };
  gestures: { desktop: string; mac: string; mobile: string };
}

export type Motion = "moving" | "idling" | "stopped";

export type Freshness = "live" | "lastKnown" | "silent";
