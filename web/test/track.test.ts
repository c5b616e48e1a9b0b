import assert from "node:assert/strict";
import { test } from "node:test";
import { steps, trustOf, type ShipmentLocation } from "../src/track/model";
import { freshness, trouble, whereabouts } from "../src/track/sentences";
import { wordsFor } from "../src/words/language";

const en = wordsFor("en-GB");
const zh = wordsFor("zh-CN");
const now = new Date("2026-03-04T12:00:30Z");
const liveAge = 300_000;

const moving: ShipmentLocation = {
  status: "STATUS_IN_TRANSIT",
  stage: "STAGE_TRANSIT",
  place: { kind: "vehicle", displayName: "Truck 7" },
  point: { longitude: 121, latitude: 31.4 },
  freshness: "FRESHNESS_LIVE",
  asOfTime: "2026-03-04T12:00:00Z",
  nearest: { displayName: "Kunshan", distance: 12_000, bearing: 45 },
  stages: [
    { stage: "STAGE_PRODUCTION", enterTime: "2026-03-01T08:00:00Z" },
    { stage: "STAGE_WAREHOUSE", enterTime: "2026-03-02T08:00:00Z" },
    { stage: "STAGE_TRANSIT", enterTime: "2026-03-04T08:00:00Z" },
  ],
};

test("a shipment on the road says near what", () => {
  assert.equal(whereabouts(en, moving), "On the way, 12 km northeast of Kunshan");
  assert.equal(whereabouts(zh, moving), "运输途中，Kunshan东北方向约 12公里");
  assert.equal(freshness(en, moving, "live", now), "Live, seen 30 seconds ago");
});

test("a stale position is never live", () => {
  assert.equal(trustOf(moving, now, true, liveAge), "live");
  assert.equal(trustOf(moving, new Date(now.getTime() + liveAge), true, liveAge), "lastKnown");
  assert.equal(trustOf(moving, now, false, liveAge), "lastKnown", "without a connection");
  assert.equal(trustOf({ ...moving, freshness: "FRESHNESS_LAST_KNOWN" }, now, true, liveAge), "lastKnown");
});

test("the way so far, and what lies ahead", () => {
  assert.deepEqual(
    steps(moving).map((s) => `${s.stage} ${s.state}`),
    ["production done", "warehouse done", "transit current", "delivered ahead"],
  );
  assert.deepEqual(
    steps({ stages: [] }).map((s) => s.state),
    ["ahead", "ahead", "ahead", "ahead"],
  );
  assert.deepEqual(steps({ stages: [{ stage: "STAGE_RETURNED" }] }), [{ stage: "returned", state: "current" }]);
});

test("what nobody knows is said with its reason", () => {
  const lost: ShipmentLocation = { ...moving, freshness: "FRESHNESS_UNKNOWN", unknownReason: "no_device" };
  assert.match(freshness(en, lost, "unknown", now), /has no tracker/);
  assert.match(freshness(en, { ...lost, unknownReason: "a_new_word" }, "unknown", now), /don’t know where/);
});

test("a place says its facility once", () => {
  const stored: ShipmentLocation = { stage: "STAGE_WAREHOUSE", place: { kind: "storage_location", displayName: "Bay 4", facility: "Suzhou Hub" } };
  assert.equal(whereabouts(en, stored), "In the warehouse at Bay 4, Suzhou Hub");
  assert.equal(whereabouts(zh, stored), "存放于Suzhou Hub Bay 4");
});

test("damage is said", () => {
  assert.equal(trouble(en, { status: "STATUS_EXCEPTION", disposition: "damaged" }), "Damage was found.");
  assert.equal(trouble(en, moving), undefined);
});
