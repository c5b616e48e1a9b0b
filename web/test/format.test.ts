import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, compass, distance, near, quantity } from "../src/words/format";
import { fill, wordsFor } from "../src/words/language";

const en = wordsFor("en-GB");
const zh = wordsFor("zh-CN");
const now = new Date("2026-03-04T12:00:00Z");
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);

test("ages use the largest unit that says enough", () => {
  assert.equal(ago(en, before(2), now), "just now");
  assert.equal(ago(en, before(30), now), "30 seconds ago");
  assert.equal(ago(en, before(59 * 60), now), "59 minutes ago");
  assert.equal(ago(en, before(3 * 3600), now), "3 hours ago");
  assert.equal(ago(en, before(30 * 3600), now), "30 hours ago");
  assert.equal(ago(en, before(72 * 3600), now), "3 days ago");
  assert.equal(ago(zh, before(30), now), "30秒钟前");
});

test("an age is never in the future, whatever the clocks say", () => {
  assert.equal(ago(en, before(-100), now), "just now");
});

test("the compass has eight points and wraps", () => {
  assert.deepEqual([0, 44, 46, 90, 181, 337, 338, 359, 720, -45].map(compass), ["n", "ne", "ne", "e", "s", "nw", "n", "n", "n", "nw"]);
});

test("distances are rounded to what a person can use", () => {
  assert.equal(distance(en, 12_345), "12 km");
  assert.equal(distance(en, 2_345), "2.3 km");
  assert.equal(distance(en, 430), "450 m");
  assert.equal(distance(en, 7.6), "8 m");
  assert.equal(distance(zh, 12_345), "12公里");
});

test("near says where from, unless it is there", () => {
  assert.deepEqual(near(en, "Kunshan", 12_000, 45), { text: "12 km northeast of Kunshan", there: false });
  assert.deepEqual(near(zh, "昆山", 12_000, 45), { text: "昆山东北方向约 12公里", there: false });
  assert.deepEqual(near(en, "Kunshan", 300, 45), { text: "Kunshan", there: true });
});

test("fill leaves what it does not know", () => {
  assert.equal(fill("{a} and {b}", { a: "1" }), "1 and {b}");
});

test("quantities name their unit, pieces need none", () => {
  assert.equal(quantity(en, 3, "piece"), "3 ×");
  assert.equal(quantity(en, 1250.5, "kg"), "1,250.5 kg");
});

test("other languages than ours get English", () => {
  assert.equal(wordsFor("zh-Hans-CN").language, "zh");
  assert.equal(wordsFor("pt-BR").language, "en");
});
