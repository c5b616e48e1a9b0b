// The offline basemap: vector tiles of countries and places, cut once at build from npm packages, so that a page fetches
// the few kilobytes that it shows, and no third party learns who looks at what. Above maxZoom the map draws the last tiles larger.
import { createHash } from "node:crypto";
import type { FeatureCollection } from "geojson";
import { GeoJSONVT } from "@maplibre/geojson-vt";
import { fromGeojsonVt } from "@maplibre/vt-pbf";
import type { Plugin } from "vite";
import { readCountries, type Countries } from "./countries";
import { gazetteer, readPlaces, type Place } from "./places";

/** The tiles' own detail: at zoom 6 one unit of a tile is 150 m, finer than the data. */
const maxZoom = 6;
/** Up to this zoom the coarse outlines do. */
const coarseUntil = 3;

interface Layer {
  name: string;
  data: FeatureCollection;
  from: number;
  to: number;
}

export function basemap(modules: string): Plugin {
  const id = "virtual:basemap";
  let hash = "dev";
  let files: { fileName: string; source: Uint8Array | string }[] = [];
  return {
    name: "waybill:basemap",
    apply: "build",
    buildStart() {
      const places = readPlaces(modules);
      const tiles = cut(layersOf(readCountries(modules, "50m"), readCountries(modules, "10m"), places));
      const digest = createHash("sha256");
      for (const tile of tiles) digest.update(tile.path).update(tile.bytes);
      // Tiles may be kept for ever by browsers, so their address changes with what is in them.
      hash = digest.digest("hex").slice(0, 10);
      files = tiles.map((tile) => ({ fileName: `assets/basemap-${hash}/${tile.path}`, source: tile.bytes }));
      files.push({ fileName: "places.csv", source: gazetteer(places) });
    },
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (resolved) =>
      resolved === `\0${id}`
        ? `export const tiles = "/assets/basemap-${hash}/{z}/{x}/{y}.pbf"; export const maxZoom = ${maxZoom};`
        : undefined,
    generateBundle() {
      for (const file of files) this.emitFile({ type: "asset", ...file });
    },
  };
}

function layersOf(coarse: Countries, fine: Countries, places: Place[]): Layer[] {
  const both = (name: string, pick: (c: Countries) => FeatureCollection): Layer[] => [
    { name, data: pick(coarse), from: 0, to: coarseUntil },
    { name, data: pick(fine), from: coarseUntil + 1, to: maxZoom },
  ];
  const towns = (from: number, to: number, least: number): Layer => ({
    name: "place",
    from,
    to,
    data: {
      type: "FeatureCollection",
      features: places
        .filter((p) => p.population >= least || (p.capital && from >= 2))
        .map((p) => ({
          type: "Feature",
          properties: { name: p.name, population: p.population, ...(p.capital && { capital: 1 }) },
          geometry: { type: "Point", coordinates: [p.lon, p.lat] },
        })),
    },
  });
  return [
    ...both("land", (c) => c.land),
    ...both("border", (c) => ({ type: "FeatureCollection", features: [c.borders] })),
    { name: "country", data: fine.labels, from: 0, to: maxZoom },
    towns(2, 3, 3_000_000),
    towns(4, 4, 500_000),
    towns(5, 5, 100_000),
    towns(6, 6, 0),
  ];
}

function cut(layers: Layer[]): { path: string; bytes: Uint8Array }[] {
  const indexes = layers.map((layer) => ({
    ...layer,
    index: new GeoJSONVT(layer.data, { maxZoom, indexMaxZoom: layer.to, indexMaxPoints: 0, tolerance: 2, buffer: 64 }),
  }));
  const tiles: { path: string; bytes: Uint8Array }[] = [];
  for (let z = 0; z <= maxZoom; z++) {
    const here = indexes.filter((layer) => layer.from <= z && z <= layer.to);
    for (let x = 0; x < 2 ** z; x++) {
      for (let y = 0; y < 2 ** z; y++) {
        const found = here.flatMap((layer) => {
          const tile = layer.index.getTile(z, x, y);
          return tile && tile.features.length > 0 ? [[layer.name, tile] as const] : [];
        });
        if (found.length > 0) {
          tiles.push({ path: `${z}/${x}/${y}.pbf`, bytes: fromGeojsonVt(Object.fromEntries(found), { version: 2, extent: 4096 }) });
        }
      }
    }
  }
  return tiles;
}
