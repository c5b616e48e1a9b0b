// The words of the tracking page. Each part is rebuilt from what the server said last; times that grow are renewed each second.
import { byId, h, setText, time } from "../dom";
import { moment, quantity, span, zone } from "../words/format";
import { fill, type Words } from "../words/language";
import { date, statusOf, steps, trustOf, type ShipmentLocation, type Step, type Tracked } from "./model";
import { freshness, placeName, trouble, whereabouts } from "./sentences";

export interface Present {
  tracked: Tracked;
  connected: boolean;
  now: Date;
  /** Age in ms up to which a position may be called live. */
  liveAge: number;
}

export class View {
  private shown = "";

  constructor(private readonly words: Words) {}

  render(present: Present): void {
    this.renew(present);
    // What holds no age changes only with what the server said, or with the day.
    const key = JSON.stringify(present.tracked) + present.now.toDateString();
    if (key === this.shown) return;
    this.shown = key;
    const { tracked, now } = present;
    const { say } = this.words;
    document.title = `${say.order} ${tracked.order}`;
    setText(byId("order"), tracked.order);
    setText(byId("reference"), tracked.reference ? `${say.yourReference} ${tracked.reference}` : "");
    const shipments = tracked.location.shipments ?? [];
    byId("shipments").replaceChildren(...shipments.map((s, i) => this.shipment(s, i, shipments.length, now)));
    // Only the answer itself is announced, and only when it changes; ages that grow would never be silent.
    setText(byId("announce"), shipments.map((s) => whereabouts(this.words, s)).join(". "));
    byId("facts").replaceChildren(...this.facts(tracked));
    setText(byId("zone"), `${fill(say.timesIn, { zone: zone(this.words, now) })} ${say.mapData}`);
    this.renew(present);
  }

  /** Renews the lines that say how old a position is. */
  private renew({ tracked, connected, now, liveAge }: Present): void {
    const list = document.querySelectorAll<HTMLElement>("[data-shipment]");
    (tracked.location.shipments ?? []).forEach((shipment, i) => {
      const line = list[i]?.querySelector<HTMLElement>(".freshness");
      if (!line) return;
      const trust = trustOf(shipment, now, connected, liveAge);
      line.dataset["trust"] = trust;
      setText(line, freshness(this.words, shipment, trust, now));
    });
  }

  private shipment(shipment: ShipmentLocation, index: number, count: number, now: Date): HTMLElement {
    const { say } = this.words;
    const status = statusOf(shipment.status);
    const where = whereabouts(this.words, shipment);
    const wrong = trouble(this.words, shipment);
    const vehicle = shipment.place?.kind === "vehicle" ? placeName(this.words, shipment.place) : "";
    const next = placeName(this.words, shipment.nextStop);
    return h(
      "article",
      { class: "shipment", "data-shipment": String(index), "data-status": status, "data-stage": shipment.stage ?? "" },
      h(
        "header",
        {},
        count > 1 && h("p", { class: "eyebrow" }, fill(say.shipmentOf, { number: String(index + 1), count: String(count) })),
        // "Delivered" need not stand above "Delivered to ...".
        !where.startsWith(say.status[status]) && h("p", { class: "status" }, say.status[status]),
        h("h2", { class: "where" }, where),
        h("p", { class: "freshness" }),
        vehicle !== "" && h("p", { class: "quiet" }, fill(say.where.carriedBy, { vehicle })),
        next !== "" && h("p", { class: "next" }, h("span", { class: "label" }, say.where.nextStop), " ", next),
      ),
      wrong !== undefined && h("div", { class: "trouble" }, h("strong", {}, wrong), h("p", {}, say.trouble.help)),
      h("h3", { class: "sr" }, say.progress),
      h("ol", { class: "steps" }, ...steps(shipment).map((step) => this.step(step, now))),
    );
  }

  private step(step: Step, now: Date): HTMLElement {
    const { say } = this.words;
    return h(
      "li",
      { class: step.state, ...(step.state === "current" && { "aria-current": "step" }) },
      h("span", { class: "stage" }, say.stage[step.stage]),
      step.time && time(step.time, moment(this.words, step.time, now)),
      step.state === "ahead" && h("span", { class: "sr" }, say.ahead),
    );
  }

  private facts(tracked: Tracked): HTMLElement[] {
    const { say } = this.words;
    const facts: HTMLElement[] = [];
    const from = date(tracked.location.promisedWindow?.startTime);
    const to = date(tracked.location.promisedWindow?.endTime);
    if (from && to) facts.push(h("div", {}, h("dt", {}, say.promised), h("dd", { class: "window" }, span(this.words, from, to))));
    if (tracked.lines.length > 0) {
      const items = tracked.lines.map((line) =>
        h("li", {}, h("span", { class: "count" }, quantity(this.words, line.quantity, line.unit)), " ", line.description),
      );
      facts.push(h("div", {}, h("dt", {}, say.contents), h("dd", {}, h("ul", {}, ...items))));
    }
    const { code, number } = tracked.text ?? {};
    if (code && number) {
      const message = fill(say.textMessage, { code });
      // A phone opens its messages with this one written.
      const link = h("a", { href: `sms:${number}?body=${encodeURIComponent(message)}` }, fill(say.byText, { message, number }));
      facts.push(h("div", {}, h("dt", {}, say.textLabel), h("dd", {}, link)));
    }
    return facts;
  }
}

/** Says in the strip on top that what is shown is old. */
export function showOffline(words: Words, since: Date | undefined): void {
  const strip = byId("connection");
  setText(strip, since ? fill(words.say.connection.offline, { time: moment(words, since, new Date()) }) : "");
  strip.hidden = since === undefined;
}

/** Replaces everything when the link ended while the page was open. */
export function showGone(words: Words): void {
  const { say } = words;
  document.querySelector("main")?.replaceChildren(
    h("div", { class: "gone" }, h("h1", {}, say.connection.gone), h("p", {}, say.connection.goneHelp)),
  );
  byId("connection").hidden = true;
}
