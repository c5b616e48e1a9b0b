// Countries: Natural Earth (public domain) from npm `world-atlas`, as areas, the borders between them, and where to
// write their names. Borders are those that hold on the ground, as Natural Earth sees them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Feature, FeatureCollection, MultiLineString, MultiPolygon, Polygon, Position } from "geojson";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";

type Atlas = Topology<{ countries: GeometryCollection<{ name: string }> }>;
type Country = Feature<Polygon | MultiPolygon, { name: string }>;

export interface Countries {
  land: FeatureCollection<Polygon | MultiPolygon>;
  borders: Feature<MultiLineString>;
  labels: FeatureCollection;
}

export function readCountries(modules: string, resolution: "50m" | "10m"): Countries {
  const atlas = JSON.parse(readFileSync(join(modules, `world-atlas/countries-${resolution}.json`), "utf8")) as Atlas;
  const countries = feature(atlas, atlas.objects.countries).features as Country[];
  return {
    land: {
      type: "FeatureCollection",
      features: countries.map((c) => ({ type: "Feature", properties: {}, geometry: c.geometry })),
    },
    borders: { type: "Feature", properties: {}, geometry: mesh(atlas, atlas.objects.countries, (a, b) => a !== b) },
    labels: { type: "FeatureCollection", features: countries.map(label) },
  };
}

const names = {
  en: new Intl.DisplayNames("en", { type: "region", style: "short" }),
  zh: new Intl.DisplayNames("zh-Hans", { type: "region", style: "short" }),
};

function label(country: Country): Feature {
  const largest = rings(country)
    .map((ring) => ({ ring, area: Math.abs(areaOf(ring)) }))
    .sort((a, b) => b.area - a.area)[0]!;
  const atlasName = country.properties.name;
  // Numeric codes become letters by the aliases that every locale knows: 156 is CN.
  const code = country.id === undefined ? undefined : new Intl.Locale(`und-${String(country.id).padStart(3, "0")}`).region;
  const known = code !== undefined && /^[A-Z]{2}$/.test(code);
  return {
    type: "Feature",
    properties: {
      en: known ? names.en.of(code) : atlasName,
      zh: known ? names.zh.of(code) : atlasName,
      // The larger a country, the earlier its name has room: square degrees, roughly.
      size: Math.round(largest.area * 10) / 10,
    },
    geometry: { type: "Point", coordinates: inside(largest.ring) },
  };
}

function rings(country: Country): Position[][] {
  const { geometry } = country;
  return geometry.type === "Polygon" ? [geometry.coordinates[0]!] : geometry.coordinates.map((polygon) => polygon[0]!);
}

function areaOf(ring: Position[]): number {
  let doubled = 0;
  for (let i = 1; i < ring.length; i++) {
    const [x1, y1] = ring[i - 1] as [number, number];
    const [x2, y2] = ring[i] as [number, number];
    doubled += x1 * y2 - x2 * y1;
  }
  return doubled / 2;
}

/** The middle of the widest stretch of a few parallels through the ring: always inside, and where there is room. */
function inside(ring: Position[]): Position {
  const lats = ring.map((p) => p[1]!);
  const south = Math.min(...lats);
  const north = Math.max(...lats);
  let best: { at: Position; room: number } = { at: ring[0]!, room: -1 };
  for (const share of [0.3, 0.4, 0.5, 0.6, 0.7]) {
    const lat = south + (north - south) * share;
    const crossings: number[] = [];
    for (let i = 1; i < ring.length; i++) {
      const [x1, y1] = ring[i - 1] as [number, number];
      const [x2, y2] = ring[i] as [number, number];
      if (y1 > lat !== y2 > lat) crossings.push(x1 + ((lat - y1) / (y2 - y1)) * (x2 - x1));
    }
    crossings.sort((a, b) => a - b);
    for (let i = 1; i < crossings.length; i += 2) {
      const west = crossings[i - 1]!;
      const east = crossings[i]!;
      // The middle of a country reads better than an equally wide edge.
      const room = (east - west) * (1 - Math.abs(share - 0.5));
      if (room > best.room) best = { at: [(west + east) / 2, lat], room };
    }
  }
  return best.at;
}
