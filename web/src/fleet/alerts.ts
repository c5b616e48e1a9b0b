// What needs a hand: the alerts that hold, and those that nobody has acknowledged yet.
import { byId, h, setText, time } from "../dom";
import { lasted, moment, speed } from "../words/format";
import { fill, type Words } from "../words/language";

/** How often alerts are fetched, in ms, and how many of them. */
const refresh = 5_000;
const most = 100;

/** A call for help. */
const sos = "CONDITION_SOS";

export interface Alert {
  name: string;
  condition: string;
  vehicle?: string;
  device?: string;
  /** Of one of the gateway's modems, and what was found of it. */
  modem?: string;
  detail?: string;
  displayName?: string;
  zoneDisplayName?: string;
  value?: number;
  openTime: string;
  closeTime?: string | null;
  acknowledgeTime?: string | null;
  acknowledgedBy?: string;
}

/** What holds, in words. */
export function sentence(words: Words, alert: Alert, now: Date): string {
  const { conditions } = words.say.fleet.alerts;
  const value = alert.value ?? 0;
  const number = new Intl.NumberFormat(words.locale, { maximumFractionDigits: 1 }).format(value);
  // These two are measured in time, which goes on.
  const end = alert.closeTime ? new Date(alert.closeTime) : now;
  const passed = lasted(words, Math.max(0, end.getTime() - new Date(alert.openTime).getTime() + value * 1000));
  const zone = alert.zoneDisplayName ?? "";
  switch (alert.condition) {
    case "CONDITION_SPEEDING":
      // A unit that only warns says no value.
      if (!value) return conditions.speedingTold;
      return fill(zone ? conditions.speedingIn : conditions.speeding, { speed: speed(words, value), zone });
    case "CONDITION_LOW_BATTERY":
      return value ? fill(conditions.lowBattery, { number }) : conditions.lowBatteryTold;
    case "CONDITION_POWER_CUT":
      return conditions.powerCut;
    case "CONDITION_TEMPERATURE":
      return fill(conditions.temperature, { number });
    case "CONDITION_DOOR_OPEN":
      return conditions.doorOpen;
    case "CONDITION_SHOCK":
      return conditions.shock;
    case "CONDITION_TILT":
      return fill(conditions.tilt, { number });
    case "CONDITION_SILENT":
      return fill(conditions.silent, { time: passed });
    case "CONDITION_DWELLING":
      return fill(conditions.dwelling, { time: passed, zone });
    case sos:
      return conditions.sos;
    case "CONDITION_MEMORY_NEARLY_FULL":
      return fill(conditions.memoryNearlyFull, { number: new Intl.NumberFormat(words.locale, { maximumFractionDigits: 0 }).format(value) });
    case "CONDITION_WEAK_SIGNAL":
      return fill(conditions.weakSignal, { number });
    case "CONDITION_NOT_REGISTERED":
      return fill(conditions.notRegistered, { time: passed });
    case "CONDITION_HANGING":
      return conditions.hanging;
    case "CONDITION_PIN_REFUSED":
      return conditions.pinRefused;
    case "CONDITION_SIM_MISSING":
      return conditions.simMissing;
    case "CONDITION_UNPLUGGED":
      return conditions.unplugged;
    default:
      return conditions.other;
  }
}

/** Whose it is. */
export function called(words: Words, alert: Alert): string {
  if (!alert.modem) return alert.displayName ?? "";
  return fill(words.say.fleet.alerts.modem, { name: alert.modem.replace(/^modems\//, "") });
}

/** Each alert once: calls for help first, then those that hold, the newest first. */
export function inOrder(alerts: Alert[]): Alert[] {
  const each = [...new Map(alerts.map((alert) => [alert.name, alert])).values()];
  const rank = (alert: Alert) => (alert.condition === sos ? 0 : alert.closeTime ? 2 : 1);
  return each.sort((a, b) => rank(a) - rank(b) || Date.parse(b.openTime) - Date.parse(a.openTime));
}

interface Page {
  alerts?: Alert[];
  nextPageToken?: string;
}

export class Alerts {
  private readonly panel = byId<HTMLDetailsElement>("alerts");
  private readonly rows = byId("alert-rows");
  private alerts: Alert[] = [];
  private ofModems: Page = {};
  private more = false;
  private readonly title = document.title;
  /** Calls for help that were shown. */
  private readonly heard = new Set<string>();

  constructor(
    private readonly words: Words,
    private readonly select: (name: string) => void,
    private readonly signal: AbortSignal,
  ) {
    // A phone shows how many there are, and the vehicles.
    this.panel.open = matchMedia("(min-width: 56rem)").matches;
    void this.load();
    const timer = setInterval(() => void this.load(), refresh);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** Fetches them. What fails is tried again the next time: the strip says when there is no connection. */
  private async load(): Promise<void> {
    try {
      // Calls for help are asked for by themselves: however many other alerts there are, none is missed.
      const [modems, ...vehicles] = await Promise.all([
        // The gateway may be away: what was known of its modems stays.
        this.page("modemAlerts?").catch(() => undefined),
        this.page(`alerts?condition=${sos}&`),
        this.page("alerts?"),
      ]);
      this.ofModems = modems ?? this.ofModems;
      const pages = [...vehicles, this.ofModems];
      if (pages.some((page) => !page)) return;
      this.alerts = inOrder(pages.flatMap((page) => page?.alerts ?? []));
      this.more = pages.some((page) => page?.nextPageToken);
      this.render();
    } catch {
      // As said above.
    }
  }

  private async page(which: string): Promise<Page | undefined> {
    const response = await fetch(`/v1/${which}state=ALERT_STATE_PENDING&page_size=${most}`, { signal: this.signal });
    return response.ok ? ((await response.json()) as Page) : undefined;
  }

  private render(): void {
    const { say } = this.words;
    const count = new Intl.NumberFormat(this.words.locale).format(this.alerts.length);
    setText(byId("alerts-title"), fill(say.fleet.alerts.title, { count: this.more ? `${count}+` : count }));
    this.panel.hidden = this.alerts.length === 0;
    document.documentElement.dataset["alerts"] = String(this.alerts.length);
    this.call(this.alerts.filter((alert) => alert.condition === sos && !alert.acknowledgeTime));
    const now = new Date();
    const shown = new Map([...this.rows.children].map((row) => [(row as HTMLElement).dataset["alert"], row as HTMLElement]));
    const rows = this.alerts.map((alert) => {
      const row = shown.get(alert.name) ?? this.makeRow(alert);
      this.fillRow(row, alert, now);
      return row;
    });
    // A row that stays keeps the focus.
    if (rows.length !== this.rows.children.length || rows.some((row, i) => row !== this.rows.children[i])) {
      const focused = document.activeElement;
      this.rows.replaceChildren(...rows);
      if (focused instanceof HTMLElement && this.rows.contains(focused)) focused.focus({ preventScroll: true });
    }
  }

  /** Calls a dispatcher who looks elsewhere: by the title, and by opening the list when somebody new calls for help. */
  private call(calls: Alert[]): void {
    const names = calls.map((alert) => called(this.words, alert)).join(", ");
    document.title = calls.length > 0 ? `${this.words.say.fleet.alerts.conditions.sos}: ${names} · ${this.title}` : this.title;
    for (const alert of calls) {
      if (this.heard.has(alert.name)) continue;
      this.heard.add(alert.name);
      this.panel.open = true;
    }
  }

  private makeRow(alert: Alert): HTMLElement {
    const { alerts } = this.words.say.fleet;
    const parts = ["title", "what", "when"].map((part) => h("span", { class: part }));
    // A modem is in no list that could show it.
    const open = alert.modem ? h("div", { class: "alert", title: alert.detail ?? "" }, ...parts) : h("button", { type: "button", class: "alert" }, ...parts);
    if (!alert.modem) open.addEventListener("click", () => this.select(alert.vehicle || alert.device || ""));
    const done = h("button", { type: "button", class: "plain acknowledge" }, alerts.acknowledge);
    done.setAttribute("aria-label", `${alerts.acknowledge}: ${called(this.words, alert)}`);
    done.addEventListener("click", () => void this.acknowledge(alert, done));
    return h("li", { "data-alert": alert.name }, open, done);
  }

  private fillRow(row: HTMLElement, alert: Alert, now: Date): void {
    const { alerts } = this.words.say.fleet;
    row.dataset["condition"] = alert.condition;
    row.dataset["state"] = alert.closeTime ? "over" : alert.acknowledgeTime ? "acknowledged" : "open";
    const [title, what, when] = row.querySelector(".alert")!.children as unknown as [Element, Element, Element];
    setText(title, called(this.words, alert));
    setText(what, sentence(this.words, alert, now));
    const opened = new Date(alert.openTime);
    const from = moment(this.words, opened, now);
    const text = alert.closeTime ? fill(alerts.over, { from }) : fill(alerts.since, { from });
    const by = alert.acknowledgeTime ? ` · ${fill(alerts.acknowledged, { who: alert.acknowledgedBy ?? "" })}` : "";
    if (when.textContent !== text + by) when.replaceChildren(time(opened, text), by);
    row.querySelector<HTMLElement>(".acknowledge")!.hidden = Boolean(alert.acknowledgeTime);
  }

  private async acknowledge(alert: Alert, button: HTMLButtonElement): Promise<void> {
    const { fleet } = this.words.say;
    button.disabled = true;
    setText(byId("alerts-state"), "");
    try {
      const response = await fetch(`/v1/${alert.name}:acknowledge`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
        signal: this.signal,
      });
      if (!response.ok) setText(byId("alerts-state"), response.status === 403 ? fleet.alerts.denied : fleet.failed);
      await this.load();
    } catch {
      setText(byId("alerts-state"), fleet.failed);
    }
    button.disabled = false;
  }
}
