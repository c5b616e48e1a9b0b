// The list of vehicles. Only the rows in view are in the document, so that 10,000 vehicles scroll like ten.
import { byId, h, setText } from "../dom";
import { ago, lasted, speed } from "../words/format";
import type { Freshness } from "../words/catalogue";
import { fill, type Words } from "../words/language";
import { freshnessOf, type Fleet, type Vehicle } from "./model";

/** Height of a row in px, as in the style sheet. */
const rowHeight = 56;
const beyond = 6;

/** What a vehicle does, where that is known of now, or else how old the last word of it is. */
export function stateOf(words: Words, vehicle: Vehicle, freshness: Freshness, now: number): string {
  const { fleet } = words.say;
  if (freshness !== "live" || !vehicle.motion) return fleet.freshness[freshness];
  return fill(fleet.motionFor, { motion: fleet.motion[vehicle.motion], time: lasted(words, Math.max(0, now - vehicle.motionSince)) });
}

export class List {
  private readonly scroller = byId("vehicles");
  private readonly rows = byId("rows");
  private readonly search = byId<HTMLInputElement>("search");
  private readonly pool: HTMLButtonElement[] = [];
  private found: Vehicle[] = [];
  selected = "";

  constructor(
    private readonly fleet: Fleet,
    private readonly words: Words,
    private readonly liveAge: number,
    private readonly select: (name: string) => void,
  ) {
    this.scroller.addEventListener("scroll", () => this.paint(), { passive: true });
    this.search.addEventListener("input", () => this.render());
    new ResizeObserver(() => this.paint()).observe(this.scroller);
    this.rows.addEventListener("keydown", (e) => this.move(e));
  }

  render(): void {
    const query = this.search.value.trim();
    this.found = this.fleet.find(query);
    this.rows.style.height = `${this.found.length * rowHeight}px`;
    const { fleet } = this.words.say;
    const number = new Intl.NumberFormat(this.words.locale).format(this.found.length);
    setText(byId("count"), this.fleet.size > 0 ? fill(fleet.vehicles, { count: number }) : "");
    const empty = this.found.length > 0 ? "" : this.fleet.size === 0 ? fleet.none : fill(fleet.noMatch, { query });
    setText(byId("empty"), document.documentElement.dataset["updated"] ? empty : "");
    this.paint();
  }

  private paint(): void {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / rowHeight) - beyond);
    const count = Math.ceil(this.scroller.clientHeight / rowHeight) + 2 * beyond;
    const shown = this.found.slice(first, first + count);
    const now = Date.now();
    while (this.pool.length < shown.length) {
      const row = this.makeRow();
      this.pool.push(row);
      this.rows.append(row);
    }
    this.pool.forEach((row, i) => {
      const vehicle = shown[i];
      row.hidden = !vehicle;
      if (vehicle) this.fillRow(row, vehicle, first + i, now);
    });
  }

  private makeRow(): HTMLButtonElement {
    const row = h(
      "button",
      { type: "button", class: "row" },
      h("span", { class: "title" }),
      h("span", { class: "speed" }),
      h("span", { class: "age" }),
    );
    row.addEventListener("click", () => this.select(row.dataset["name"] ?? ""));
    return row;
  }

  private fillRow(row: HTMLButtonElement, vehicle: Vehicle, index: number, now: number): void {
    const freshness = freshnessOf(vehicle, now, this.liveAge);
    row.style.transform = `translateY(${index * rowHeight}px)`;
    row.dataset["name"] = vehicle.name;
    row.dataset["index"] = String(index);
    row.dataset["freshness"] = freshness;
    row.setAttribute("aria-pressed", String(vehicle.name === this.selected));
    const [title, moving, age] = row.children as unknown as [Element, Element, Element];
    setText(title, vehicle.title);
    setText(moving, freshness === "live" && vehicle.speed !== undefined && (vehicle.motion ?? "moving") === "moving" ? speed(this.words, vehicle.speed) : "");
    row.dataset["motion"] = freshness === "live" ? (vehicle.motion ?? "") : "";
    setText(age, `${stateOf(this.words, vehicle, freshness, now)} · ${ago(this.words, new Date(vehicle.time), new Date(now))}`);
  }

  /** Arrow keys walk the list, also over rows that are not in the document yet. */
  private move(e: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    const row = (e.target as HTMLElement).closest<HTMLElement>(".row");
    if (step === undefined || !row) return;
    e.preventDefault();
    const to = Math.min(this.found.length - 1, Math.max(0, Number(row.dataset["index"]) + step));
    const top = to * rowHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + rowHeight > this.scroller.scrollTop + this.scroller.clientHeight) {
      this.scroller.scrollTop = top + rowHeight - this.scroller.clientHeight;
    }
    this.paint();
    this.pool.find((r) => !r.hidden && r.dataset["index"] === String(to))?.focus({ preventScroll: true });
  }
}
