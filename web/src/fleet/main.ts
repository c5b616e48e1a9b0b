// The fleet view: the list and the map of every vehicle, live, and one vehicle in detail.
import "./fleet.css";
import { byId, setText } from "../dom";
import { watch } from "../sse";
import { moment, zone } from "../words/format";
import { fill, wordsFor } from "../words/language";
import { Alerts } from "./alerts";
import { Details } from "./details";
import type { Layer } from "./layer";
import { List } from "./list";
import { Fleet, type Position } from "./model";

const root = document.documentElement;
const words = wordsFor(root.lang);
const { say } = words;
const liveAge = Number(root.dataset["liveAge"]) * 1000;
const closing = new AbortController();
const fleet = new Fleet(new Intl.Collator(words.locale, { numeric: true }));

let layer: Layer | undefined;
let heard = new Date();

const list = new List(fleet, words, liveAge, select);
const details = new Details(
  fleet,
  words,
  liveAge,
  (line) => layer?.draw(line),
  (stops) => layer?.drawStops(stops),
  (lon, lat) => layer?.center(lon, lat),
);

function select(name: string): void {
  list.selected = name;
  if (name === "") delete root.dataset["selected"];
  else root.dataset["selected"] = name;
  byId("all").hidden = name !== "";
  if (name === "") details.close();
  else details.open(name);
  layer?.choose(name);
  list.render();
  if (name !== "") byId("back").focus({ preventScroll: true });
}

function render(): void {
  list.render();
  details.renew();
  layer?.update();
  root.dataset["vehicles"] = String(fleet.size);
}

/** Asks for a token: there was none, or it has ended. */
function signIn(): void {
  closing.abort();
  root.dataset["connection"] = "refused";
  location.assign("/login?next=/fleet");
}

async function showMap(): Promise<void> {
  const [{ createMap }, { Layer: FleetLayer }] = await Promise.all([import("../map/map"), import("./layer")]);
  const created = new FleetLayer(fleet, liveAge, select);
  const map = await createMap({ container: byId("map"), words, inPage: false, layers: (m, palette) => created.add(m, palette) });
  layer = created;
  map.once("idle", () => (root.dataset["ready"] = "true"));
}

document.title = `${say.fleet.title} · Waybill`;
new Alerts(words, select, closing.signal);

byId<HTMLInputElement>("search").placeholder = say.fleet.search;
byId<HTMLInputElement>("search").setAttribute("aria-label", say.fleet.search);
setText(byId("zone"), `${fill(say.timesIn, { zone: zone(words, new Date()) })} ${say.mapData}`);
byId("back").addEventListener("click", () => {
  const name = list.selected;
  select("");
  document.querySelector<HTMLElement>(`.row[data-name="${CSS.escape(name)}"]`)?.focus();
});
byId("center").addEventListener("click", () => {
  const vehicle = fleet.get(list.selected);
  if (vehicle) layer?.center(vehicle.lon, vehicle.lat);
});
addEventListener("keydown", (e) => {
  if (e.key === "Escape" && list.selected !== "") byId("back").click();
});

// Positions are taken as they come and shown once a second: drawing costs more than taking.
setInterval(render, 1000);
void watch(
  "/v1/positions:watch",
  {
    message(message) {
      if (message.event === "gone") return signIn();
      const { positions = [] } = JSON.parse(message.data) as { positions?: Position[] };
      const first = fleet.size === 0;
      fleet.take(positions);
      heard = new Date();
      root.dataset["updated"] = heard.toISOString();
      if (first) render();
    },
    state(connection) {
      if (connection === "connecting") return;
      const live = connection === "live";
      root.dataset["connection"] = connection;
      setText(byId("connection"), live ? "" : fill(say.connection.offline, { time: moment(words, heard, new Date()) }));
      byId("connection").hidden = live;
      if (live) heard = new Date();
    },
    refused(status) {
      root.dataset["connection"] = "refused";
      if (status === 401) return signIn();
      setText(byId("connection"), say.fleet.denied);
      byId("connection").hidden = false;
    },
  },
  closing.signal,
);
showMap().catch(() => {
  root.classList.add("mapless");
  root.dataset["ready"] = "true";
});
