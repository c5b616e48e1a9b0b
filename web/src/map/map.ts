// The map that both pages share. This module pulls in MapLibre, so pages import it when their words are on the screen.
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import * as ml from "maplibre-gl";
import type { Words } from "../words/language";
import { currentPalette, onPaletteChange, type Palette } from "./palette";
import { basemapStyle } from "./style";

export interface MapOptions {
  container: HTMLElement;
  words: Words;
  /** Whether a page that scrolls is around it: then one finger and the plain wheel are the page's. */
  inPage: boolean;
  /** Adds what the page shows above the basemap; called again when the palette, and with it the style, has changed. */
  layers?: (map: ml.Map, palette: Palette) => void;
}

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Creates the map and resolves when its style is there. `data-map` on the root says "idle" whenever nothing is left to draw. */
export async function createMap(options: MapOptions): Promise<ml.Map> {
  ml.setWorkerUrl(workerUrl);
  const { say, language } = options.words;
  const map = new ml.Map({
    container: options.container,
    style: basemapStyle(currentPalette(), language),
    center: [105, 32],
    zoom: 2.2,
    maxZoom: 14,
    attributionControl: false,
    cooperativeGestures: options.inPage,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: calm() ? 0 : 200,
    locale: {
      "Map.Title": say.map,
      "CooperativeGesturesHandler.WindowsHelpText": say.gestures.desktop,
      "CooperativeGesturesHandler.MacHelpText": say.gestures.mac,
      "CooperativeGesturesHandler.MobileHelpText": say.gestures.mobile,
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ml.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ml.ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.addControl(new ml.AttributionControl({ compact: true, customAttribution: say.mapData }), "bottom-right");

  const root = document.documentElement.dataset;
  map.on("idle", () => (root.map = "idle"));
  map.on("dataloading", () => (root.map = "loading"));
  map.on("movestart", () => (root.map = "loading"));

  // On a phone the credits would cover the scale: they open at a tap, and stand under the page too.
  if (options.container.clientWidth < 640) {
    map.once("load", () => options.container.querySelector(".maplibregl-ctrl-attrib")?.classList.remove("maplibregl-compact-show"));
  }

  await new Promise<void>((resolve) => map.once("style.load", () => resolve()));
  options.layers?.(map, currentPalette());
  onPaletteChange((palette) => {
    map.setStyle(basemapStyle(palette, language), { diff: false });
    map.once("style.load", () => options.layers?.(map, palette));
  });
  return map;
}
