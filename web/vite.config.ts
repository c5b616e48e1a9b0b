import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { basemap } from "./build/basemap";
import { compress } from "./build/compress";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [basemap(here("node_modules")), compress()],
  build: {
    target: "es2022",
    // Nothing inline: the Content-Security-Policy allows scripts from our own address only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    reportCompressedSize: false,
    rollupOptions: {
      input: ["track.html", "fleet.html", "login.html", "missing.html"].map(here),
    },
  },
});
