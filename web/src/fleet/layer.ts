// The fleet on the map: one GeoJSON source with what the picture holds, set at most once a second.
import type { Feature, FeatureCollection, LineString, Point } from "geojson";
import * as ml from "maplibre-gl";
import { calm } from "../map/map";
import type { Palette } from "../map/palette";
import type { NumberedStop } from "./day";
import { freshnessOf, type Fleet } from "./model";

/** Speed in m/s above which a course means something. */
const moving = 0.5;
/** How far beyond the picture vehicles are given to the map, as a share of it: room to pan before the next update. */
const margin = 0.25;

/** Above how many vehicles in the picture their titles would only be in each other's way. */
const mostTitles = 400;
/** Above how many their courses would. */
const mostCourses = 2_000;

const titleFont = ["system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"];

const none: FeatureCollection<LineString> = { type: "FeatureCollection", features: [] };

export class Layer {
  private track: FeatureCollection<LineString> = none;
  private stops: FeatureCollection<Point> = { type: "FeatureCollection", features: [] };
  private selected = "";
  private framed = false;
  private drawn = "";

  constructor(
    private readonly fleet: Fleet,
    private readonly liveAge: number,
    private readonly select: (name: string) => void,
  ) {}

  private map: ml.Map | undefined;

  /** Adds sources and layers to a map whose style is new. */
  add(map: ml.Map, palette: Palette): void {
    const fresh = this.map === undefined;
    this.map = map;
    map.addImage("arrow", arrow(), { sdf: true, pixelRatio: 2 });
    map.addSource("track", { type: "geojson", data: this.track });
    map.addSource("stops", { type: "geojson", data: this.stops });
    map.addSource("vehicles", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({
      id: "track",
      type: "line",
      source: "track",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": palette.track, "line-width": 3, "line-opacity": 0.8 },
    });
    map.addLayer({
      id: "stops",
      type: "circle",
      source: "stops",
      paint: { "circle-radius": 10, "circle-color": palette.stop, "circle-stroke-color": palette.ring, "circle-stroke-width": 2 },
    });
    map.addLayer({
      id: "numbers",
      type: "symbol",
      source: "stops",
      layout: {
        "text-field": ["get", "number"],
        "text-font": titleFont,
        "text-size": 12,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": palette.ring },
    });
    const tone: ml.ExpressionSpecification = [
      "match",
      ["get", "freshness"],
      "live",
      palette.live,
      "lastKnown",
      palette.lastKnown,
      palette.silent,
    ];
    map.addLayer({
      id: "chosen",
      type: "circle",
      source: "vehicles",
      filter: ["==", ["get", "name"], this.selected],
      paint: { "circle-radius": 14, "circle-color": palette.track, "circle-opacity": 0.25 },
    });
    map.addLayer({
      id: "vehicles",
      type: "circle",
      source: "vehicles",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 2, 3, 6, 5, 10, 7],
        "circle-color": tone,
        "circle-stroke-color": palette.ring,
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 2, 0.5, 7, 2],
      },
    });
    map.addLayer({
      id: "courses",
      type: "symbol",
      source: "vehicles",
      minzoom: 6,
      filter: ["has", "course"],
      layout: {
        "icon-image": "arrow",
        "icon-rotate": ["get", "course"],
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
      paint: { "icon-color": tone },
    });
    map.addLayer({
      id: "titles",
      type: "symbol",
      source: "vehicles",
      minzoom: 6,
      layout: {
        "text-field": ["get", "title"],
        "text-font": titleFont,
        "text-size": 12,
        "text-offset": [0, 1.3],
        "text-anchor": "top",
      },
      paint: { "text-color": palette.capital, "text-halo-color": palette.halo, "text-halo-width": 1.6 },
    });
    if (fresh) this.listen(map);
    this.drawn = "";
    this.update();
  }

  private listen(map: ml.Map): void {
    map.on("click", (e) => {
      const around: [ml.PointLike, ml.PointLike] = [
        [e.point.x - 8, e.point.y - 8],
        [e.point.x + 8, e.point.y + 8],
      ];
      const hit = map.queryRenderedFeatures(around, { layers: ["vehicles"] })[0];
      if (hit) this.select(String(hit.properties["name"]));
    });
    map.on("mousemove", "vehicles", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "vehicles", () => (map.getCanvas().style.cursor = ""));
    map.on("moveend", () => this.update());
  }

  update(): void {
    const map = this.map;
    const source = map?.getSource<ml.GeoJSONSource>("vehicles");
    // A slow machine gets the next picture when it has drawn the last.
    if (!map || !source || !map.isSourceLoaded("vehicles")) return;
    if (!this.framed && this.fleet.size > 0) this.frameAll(map);
    const bounds = map.getBounds();
    const padLon = (bounds.getEast() - bounds.getWest()) * margin;
    const padLat = (bounds.getNorth() - bounds.getSouth()) * margin;
    const [west, east] = [bounds.getWest() - padLon, bounds.getEast() + padLon];
    const [south, north] = [bounds.getSouth() - padLat, bounds.getNorth() + padLat];
    const now = Date.now();
    const features: Feature<Point>[] = [];
    let sum = 0;
    for (const v of this.fleet.all()) {
      if (v.lat < south || v.lat > north) continue;
      // The picture may show the world more than once, shifted by whole turns.
      const lon = v.lon + 360 * Math.ceil((west - v.lon) / 360);
      if (lon > east) continue;
      const freshness = freshnessOf(v, now, this.liveAge);
      sum = (sum * 31 + (v.time % 1e9) + freshness.length) % 1e12;
      features.push({
        type: "Feature",
        properties: {
          name: v.name,
          title: v.title,
          freshness,
          ...(v.course !== undefined && (v.speed ?? 0) > moving && { course: v.course }),
        },
        geometry: { type: "Point", coordinates: [v.lon, v.lat] },
      });
    }
    // What is drawn already costs nothing: a fleet that stands still leaves the map idle.
    const key = `${features.length} ${sum}`;
    if (key === this.drawn) return;
    this.drawn = key;
    map.setLayoutProperty("titles", "visibility", features.length > mostTitles ? "none" : "visible");
    map.setLayoutProperty("courses", "visibility", features.length > mostCourses ? "none" : "visible");
    source.setData({ type: "FeatureCollection", features });
    document.documentElement.dataset["drawn"] = String(features.length);
  }

  private frameAll(map: ml.Map): void {
    this.framed = true;
    const bounds = new ml.LngLatBounds();
    for (const v of this.fleet.all()) bounds.extend([v.lon, v.lat]);
    map.fitBounds(bounds, { padding: 60, maxZoom: 9, animate: false });
  }

  choose(name: string): void {
    this.selected = name;
    this.map?.setFilter("chosen", ["==", ["get", "name"], name]);
    const vehicle = this.fleet.get(name);
    if (vehicle) this.center(vehicle.lon, vehicle.lat);
  }

  center(lon: number, lat: number): void {
    const map = this.map;
    if (!map) return;
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 8), animate: !calm() });
  }

  /** Draws the stops of a day. */
  drawStops(stops: NumberedStop[]): void {
    this.stops = {
      type: "FeatureCollection",
      features: stops.map(({ number, lon, lat }) => ({
        type: "Feature",
        properties: { number: String(number) },
        geometry: { type: "Point", coordinates: [lon, lat] },
      })),
    };
    this.map?.getSource<ml.GeoJSONSource>("stops")?.setData(this.stops);
  }

  /** Draws a track; an empty one takes the last away. */
  draw(line: [number, number][]): void {
    this.track =
      line.length > 1
        ? { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } }] }
        : none;
    this.map?.getSource<ml.GeoJSONSource>("track")?.setData(this.track);
  }
}

/** A small triangle above a circle, pointing north. */
function arrow(): ImageData {
  const size = 56;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  pen.beginPath();
  pen.moveTo(size / 2, 0);
  pen.lineTo(size / 2 + 8, 14);
  pen.lineTo(size / 2 - 8, 14);
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}
