// The map's colours. They are quieter than the page's, so that what moves on it stands out.
export interface Palette {
  water: string;
  land: string;
  border: string;
  country: string;
  place: string;
  capital: string;
  halo: string;
  track: string;
  stop: string;
  live: string;
  lastKnown: string;
  silent: string;
  ring: string;
}

export const light: Palette = {
  water: "#dbe6ec",
  land: "#f7f6f2",
  border: "#c3bfb4",
  country: "#8d897e",
  place: "#55534c",
  capital: "#33312c",
  halo: "#f7f6f2",
  track: "#1d5fa8",
  stop: "#a8430a",
  live: "#117a4b",
  lastKnown: "#a86200",
  silent: "#77747a",
  ring: "#ffffff",
};

export const dark: Palette = {
  water: "#0e151b",
  land: "#1b2228",
  border: "#3c464f",
  country: "#74818c",
  place: "#a9b4bd",
  capital: "#d3dbe1",
  halo: "#1b2228",
  track: "#7db4ee",
  stop: "#f0a070",
  live: "#3ecb8b",
  lastKnown: "#eba848",
  silent: "#8b949c",
  ring: "#10161b",
};

const query = () => matchMedia("(prefers-color-scheme: dark)");

export function currentPalette(): Palette {
  return query().matches ? dark : light;
}

/** Calls back whenever the reader switches between light and dark. */
export function onPaletteChange(changed: (palette: Palette) => void): void {
  query().addEventListener("change", () => changed(currentPalette()));
}
