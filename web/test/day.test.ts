import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../src/fleet/day";
import { lasted } from "../src/words/format";
import { wordsFor } from "../src/words/language";

const en = wordsFor("en-GB");
const zh = wordsFor("zh-CN");
const minute = 60_000;

test("how long something lasted", () => {
  assert.equal(lasted(en, 20_000), "0 mins");
  assert.equal(lasted(en, 45 * minute), "45 mins");
  assert.equal(lasted(en, 65 * minute), "1 hr 5 mins");
  assert.equal(lasted(en, 120 * minute), "2 hrs");
  assert.equal(lasted(en, 1500 * minute), "1 day 1 hr");
  assert.equal(lasted(zh, 65 * minute), "1小时5分钟");
});

test("trips and stops take turns, and stops are numbered", () => {
  const at = (hour: number) => new Date(Date.UTC(2026, 2, 4, hour)).toISOString();
  const parts = partsOf(
    [
      { startTime: at(1), endTime: at(2) },
      { startTime: at(3), endTime: at(4), underWay: true },
    ],
    [
      { startTime: at(0), endTime: at(1) },
      { startTime: at(2), endTime: at(3) },
    ],
  );
  assert.deepEqual(
    parts.map((p) => (p.kind === "stop" ? p.number : p.kind)),
    [1, "trip", 2, "trip"],
  );
  assert.equal(parts[3]?.underWay, true);
});
