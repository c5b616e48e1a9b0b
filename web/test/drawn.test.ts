import assert from "node:assert/strict";
import { test } from "node:test";
import { Drawn } from "../src/fleet/drawn";

const midnight = new Date("2026-03-04T00:00:00Z");
const at = (minute: number, longitude: number) => ({
  fixTime: `2026-03-04T08:${String(minute).padStart(2, "0")}:00.000001Z`,
  position: { longitude, latitude: 31 },
});
const answer = (...fixes: ReturnType<typeof at>[]) => ({ track: { fixes } });

test("a line grows from its end", () => {
  const drawn = new Drawn();
  assert.equal(drawn.query(midnight, 0).get("fromTime"), "2026-03-04T00:00:00.000Z");
  drawn.add(answer(at(1, 121), at(2, 122)));
  assert.equal(drawn.query(midnight, 10_000).get("fromTime"), at(2, 122).fixTime);
  drawn.add(answer(at(2, 122), at(3, 123)));
  assert.deepEqual(drawn.line, [[121, 31], [122, 31], [123, 31]]);
  // Nothing new.
  drawn.query(midnight, 20_000);
  drawn.add(answer(at(3, 123)));
  assert.equal(drawn.line.length, 3);
});

test("what came late shows after a while", () => {
  const drawn = new Drawn();
  drawn.query(midnight, 0);
  drawn.add(answer(at(1, 121), at(3, 123)));
  assert.equal(drawn.query(midnight, 5 * 60_000).get("fromTime"), "2026-03-04T00:00:00.000Z");
  drawn.add(answer(at(1, 121), at(2, 129), at(3, 123)));
  assert.deepEqual(drawn.line, [[121, 31], [129, 31], [123, 31]]);
});

test("who was never seen has no line", () => {
  const drawn = new Drawn();
  drawn.query(midnight, 0);
  drawn.add({});
  assert.deepEqual(drawn.line, []);
  assert.equal(drawn.query(midnight, 10_000).get("fromTime"), "2026-03-04T00:00:00.000Z");
});
