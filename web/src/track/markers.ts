// What the tracking page shows on the map: each shipment where it is, and where it goes. The words beside the map say the
// same, so the markers are hidden from screen readers.
import * as ml from "maplibre-gl";
import { h } from "../dom";
import { calm } from "../map/map";
import type { Words } from "../words/language";
import { lonLat, type ShipmentLocation, type Trust } from "./model";
import { placeName } from "./sentences";

/** How long a marker takes to glide to a new position, in ms. */
const glide = 900;

interface Shown {
  marker: ml.Marker;
  at: [number, number];
  frame: number;
}

export class Markers {
  private readonly here = new Map<number, Shown>();
  private readonly destinations = new Map<string, ml.Marker>();
  private touched = false;
  private framed: string | undefined;

  constructor(
    private readonly map: ml.Map,
    private readonly words: Words,
  ) {
    for (const event of ["dragstart", "wheel", "touchmove"] as const) map.on(event, () => (this.touched = true));
  }

  show(shipments: ShipmentLocation[], trusts: Trust[]): void {
    shipments.forEach((shipment, i) => this.showOne(i, shipment, trusts[i] ?? "unknown"));
    for (const [i, shown] of this.here) if (i >= shipments.length || !shipments[i]?.point) this.drop(i, shown);
    this.showDestinations(shipments);
    this.frame(shipments);
    const first = shipments.map((s) => lonLat(s.point)).find((p) => p !== undefined);
    const root = document.documentElement.dataset;
    if (first) [root.lon, root.lat] = first.map(String) as [string, string];
    else {
      delete root.lon;
      delete root.lat;
    }
  }

  private showOne(index: number, shipment: ShipmentLocation, trust: Trust): void {
    const to = lonLat(shipment.point);
    if (!to) return;
    let shown = this.here.get(index);
    if (!shown) {
      const element = h("div", { class: "here", "aria-hidden": "true" }, h("i", { class: "pulse" }), h("i", { class: "arrow" }), h("i", { class: "dot" }));
      shown = { marker: new ml.Marker({ element }).setLngLat(to).addTo(this.map), at: to, frame: 0 };
      this.here.set(index, shown);
    }
    const element = shown.marker.getElement();
    element.dataset["trust"] = trust;
    const moving = shipment.course !== undefined && (shipment.speed ?? 0) > 0.5;
    element.classList.toggle("moving", moving);
    if (moving) element.style.setProperty("--course", `${shipment.course}deg`);
    this.moveTo(shown, to);
  }

  private moveTo(shown: Shown, to: [number, number]): void {
    const from = shown.at;
    if (from[0] === to[0] && from[1] === to[1]) return;
    cancelAnimationFrame(shown.frame);
    shown.at = to;
    if (calm() || document.hidden) {
      shown.marker.setLngLat(to);
      return;
    }
    const start = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, (now - start) / glide);
      const eased = 1 - (1 - t) ** 3;
      shown.marker.setLngLat([from[0] + (to[0] - from[0]) * eased, from[1] + (to[1] - from[1]) * eased]);
      if (t < 1) shown.frame = requestAnimationFrame(step);
    };
    shown.frame = requestAnimationFrame(step);
  }

  private drop(index: number, shown: Shown): void {
    cancelAnimationFrame(shown.frame);
    shown.marker.remove();
    this.here.delete(index);
  }

  private showDestinations(shipments: ShipmentLocation[]): void {
    const wanted = new Map<string, { at: [number, number]; name: string }>();
    for (const shipment of shipments) {
      const at = lonLat(shipment.nextStop?.point);
      if (at) wanted.set(at.join(), { at, name: placeName(this.words, shipment.nextStop) });
    }
    for (const [key, marker] of this.destinations) {
      if (wanted.has(key)) continue;
      marker.remove();
      this.destinations.delete(key);
    }
    for (const [key, { at, name }] of wanted) {
      if (this.destinations.has(key)) continue;
      const element = h("div", { class: "destination", "aria-hidden": "true" }, h("i", {}), h("span", {}, name));
      this.destinations.set(key, new ml.Marker({ element, anchor: "center" }).setLngLat(at).addTo(this.map));
    }
  }

  /** Frames all of it once, and again when one leaves the picture, unless the reader has moved the map. */
  private frame(shipments: ShipmentLocation[]): void {
    const points = shipments.flatMap((s) => [lonLat(s.point), lonLat(s.nextStop?.point)]).filter((p) => p !== undefined);
    if (points.length === 0) return;
    const ends = shipments.map((s) => lonLat(s.nextStop?.point)?.join() ?? "").join("|");
    const inView = points.every((p) => this.map.getBounds().contains(p));
    if (this.framed === ends && (inView || this.touched)) return;
    const first = this.framed === undefined;
    this.framed = ends;
    const bounds = new ml.LngLatBounds();
    for (const p of points) bounds.extend(p);
    this.map.fitBounds(bounds, { padding: { top: 70, bottom: 60, left: 80, right: 80 }, maxZoom: 10, animate: !first && !calm() });
  }
}
