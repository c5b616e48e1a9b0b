// The tracking page: words first, the map when it is there, both kept up to date by the stream.
import "./track.css";
import { watch } from "../sse";
import { wordsFor } from "../words/language";
import type { Markers } from "./markers";
import { trustOf, type Tracked } from "./model";
import { showGone, showOffline, View } from "./view";

const root = document.documentElement;
const words = wordsFor(root.lang);
const liveAge = Number(root.dataset["liveAge"]) * 1000;
const view = new View(words);
const closing = new AbortController();

let tracked: Tracked | undefined;
let markers: Markers | undefined;
let connected = false;
let heard: Date | undefined;

function render(): void {
  if (!tracked) return;
  const now = new Date();
  view.render({ tracked, connected, now, liveAge });
  const shipments = tracked.location.shipments ?? [];
  markers?.show(shipments, shipments.map((s) => trustOf(s, now, connected, liveAge)));
  root.classList.toggle("placeless", shipments.every((s) => !s.point && !s.nextStop?.point));
}

function end(): void {
  closing.abort();
  tracked = undefined;
  root.dataset["connection"] = "gone";
  root.dataset["ready"] = "true";
  showGone(words);
}

async function showMap(): Promise<void> {
  const container = document.getElementById("map");
  if (!container) return;
  const [{ createMap }, { Markers: Shown }] = await Promise.all([import("../map/map"), import("./markers")]);
  const map = await createMap({ container, words, inPage: true });
  if (closing.signal.aborted) return;
  markers = new Shown(map, words);
  render();
  map.once("idle", () => (root.dataset["ready"] = "true"));
}

setInterval(render, 1000);
void watch(
  `${location.pathname}/events`,
  {
    message(message) {
      if (message.event === "gone") return end();
      tracked = JSON.parse(message.data) as Tracked;
      heard = new Date();
      connected = true;
      render();
      root.dataset["updated"] = heard.toISOString();
    },
    state(connection) {
      if (connection === "connecting") return;
      connected = connection === "live";
      root.dataset["connection"] = connection;
      showOffline(words, connected ? undefined : (heard ?? new Date()));
      if (connected) heard = new Date();
      render();
    },
    refused: end,
  },
  closing.signal,
);
showMap().catch(() => {
  // Without WebGL there is no map; the words say everything that it would.
  root.classList.add("mapless");
  root.dataset["ready"] = "true";
});
