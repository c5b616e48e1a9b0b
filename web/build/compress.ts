// What compresses is kept compressed only: the binary that embeds the pages stays small, and the server hands the bytes
// out as they are to every browser that takes gzip, which is all of them.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const compressible = /\.(js|css|json|pbf|svg|csv)$/;

export function compress(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "waybill:compress",
    apply: "build",
    enforce: "post",
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle() {
      for (const file of walk(config.build.outDir)) {
        if (!compressible.test(file)) continue;
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
        rmSync(file);
      }
    },
  };
}

function* walk(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* walk(path);
    else yield path;
  }
}
