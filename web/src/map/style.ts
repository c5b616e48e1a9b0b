// The style of the basemap. It has no glyphs, so that labels are drawn with the reader's own fonts, Chinese ones too.
import { maxZoom, tiles } from "virtual:basemap";
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";
import type { Language } from "../words/language";
import type { Palette } from "./palette";

/** How many inhabitants make a place worth its label at a zoom. */
const labelled: ExpressionSpecification = [
  ">=",
  ["+", ["get", "population"], ["*", ["coalesce", ["get", "capital"], 0], 3_000_000]],
  ["step", ["zoom"], 3_000_000, 4, 1_500_000, 5, 500_000, 6, 200_000, 7, 60_000, 8, 15_000, 9, 3_000, 10, 0],
];

const placeSize: ExpressionSpecification = [
  "interpolate",
  ["linear"],
  ["zoom"],
  3,
  ["step", ["get", "population"], 10, 3_000_000, 12],
  9,
  ["step", ["get", "population"], 11, 100_000, 13, 1_000_000, 16],
];

export function basemapStyle(palette: Palette, language: Language): StyleSpecification {
  const font = ["system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"];
  return {
    version: 8,
    sources: {
      basemap: { type: "vector", tiles: [new URL(tiles, location.origin).href.replaceAll("%7B", "{").replaceAll("%7D", "}")], maxzoom: maxZoom },
    },
    transition: { duration: 0, delay: 0 },
    layers: [
      { id: "water", type: "background", paint: { "background-color": palette.water } },
      { id: "land", type: "fill", source: "basemap", "source-layer": "land", paint: { "fill-color": palette.land, "fill-antialias": false } },
      {
        id: "border",
        type: "line",
        source: "basemap",
        "source-layer": "border",
        layout: { "line-join": "round" },
        paint: { "line-color": palette.border, "line-width": ["interpolate", ["linear"], ["zoom"], 1, 0.5, 8, 1.4] },
      },
      {
        id: "place",
        type: "symbol",
        source: "basemap",
        "source-layer": "place",
        filter: labelled,
        layout: {
          "text-field": ["get", "name"],
          "text-font": font,
          "text-size": placeSize,
          "text-max-width": 8,
          "text-padding": 6,
          "symbol-sort-key": ["-", ["get", "population"]],
        },
        paint: {
          "text-color": ["case", ["has", "capital"], palette.capital, palette.place],
          "text-halo-color": palette.halo,
          "text-halo-width": 1.4,
        },
      },
      {
        id: "country",
        type: "symbol",
        source: "basemap",
        "source-layer": "country",
        maxzoom: 7,
        filter: [">=", ["get", "size"], ["step", ["zoom"], 60, 2, 25, 3, 6, 4, 1, 5, 0]],
        layout: {
          "text-field": ["get", language],
          "text-font": font,
          "text-size": ["interpolate", ["linear"], ["zoom"], 1, 10, 5, 14],
          "text-max-width": 7,
          "text-letter-spacing": language === "zh" ? 0.2 : 0.08,
          "text-transform": "uppercase",
          "symbol-sort-key": ["-", ["get", "size"]],
        },
        paint: { "text-color": palette.country, "text-halo-color": palette.halo, "text-halo-width": 1.2 },
      },
    ],
  };
}
