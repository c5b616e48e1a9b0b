declare module "virtual:basemap" {
  /** Address template of the tiles, on our own server. */
  export const tiles: string;
  /** The deepest zoom that has tiles of its own. */
  export const maxZoom: number;
}
