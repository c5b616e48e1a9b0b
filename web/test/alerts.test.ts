import assert from "node:assert/strict";
import { test } from "node:test";
import { called, inOrder, sentence, type Alert } from "../src/fleet/alerts";
import { wordsFor } from "../src/words/language";

const now = new Date("2026-03-04T12:00:00Z");
const alert = (condition: string, more: Partial<Alert> = {}): Alert => ({
  name: "alerts/1",
  condition: `CONDITION_${condition}`,
  openTime: "2026-03-04T11:30:00Z",
  ...more,
});

test("an alert says what was measured, as the reader writes it", () => {
  const en = wordsFor("en-GB");
  assert.equal(sentence(en, alert("SPEEDING", { value: 30 }), now), "Too fast: 108 km/h");
  assert.equal(sentence(en, alert("SPEEDING", { value: 30, zoneDisplayName: "Yard" }), now), "Too fast in Yard: 108 km/h");
  assert.equal(sentence(en, alert("TEMPERATURE", { value: -12.34 }), now), "Temperature out of range: -12.3 °C");
  assert.equal(sentence(wordsFor("zh-CN"), alert("LOW_BATTERY", { value: 7 }), now), "设备电量低：7%");
});

test("silence and stays go on", () => {
  const en = wordsFor("en-GB");
  assert.equal(sentence(en, alert("SILENT", { value: 1800 }), now), "Silent for 1 hr");
  const over = { value: 3600, zoneDisplayName: "Yard", closeTime: "2026-03-04T11:30:00Z" };
  assert.equal(sentence(en, alert("DWELLING", over), now), "In Yard for 1 hr");
});

test("what a newer server says is told all the same", () => {
  assert.equal(sentence(wordsFor("en-GB"), alert("NEW"), now), "Something needs a look");
});

test("a unit that only warns says no value", () => {
  const en = wordsFor("en-GB");
  assert.equal(sentence(en, alert("LOW_BATTERY"), now), "Tracker’s battery low");
  assert.equal(sentence(en, alert("SPEEDING"), now), "Too fast, the tracker says");
  assert.equal(sentence(en, alert("SOS"), now), "Calls for help (SOS)");
  assert.equal(sentence(wordsFor("zh-CN"), alert("SOS"), now), "紧急求救（SOS）");
});

test("calls for help come first, and nothing twice", () => {
  const help = alert("SOS", { name: "alerts/7" });
  const rows = [alert("SHOCK", { name: "alerts/9" }), alert("SILENT", { name: "alerts/8" }), help];
  assert.deepEqual(inOrder([help, ...rows]).map((a) => a.name), ["alerts/7", "alerts/9", "alerts/8"]);
});

test("modems have alerts beside those of vehicles", () => {
  const en = wordsFor("en-GB");
  const full = alert("MEMORY_NEARLY_FULL", { name: "modemAlerts/1", modem: "modems/usb-A", value: 83.33 });
  assert.equal(called(en, full), "Modem usb-A");
  assert.equal(sentence(en, full, now), "Memory 83 % full: a full one receives no texts");
  assert.equal(sentence(en, alert("WEAK_SIGNAL", { value: -107 }), now), "Weak signal: -107 dBm");
  assert.equal(sentence(en, alert("NOT_REGISTERED", { value: 120 }), now), "Without network for 32 mins");
  assert.equal(sentence(wordsFor("zh-CN"), alert("UNPLUGGED"), now), "未连接");
  for (const condition of ["HANGING", "PIN_REFUSED", "SIM_MISSING"]) assert.notEqual(sentence(en, alert(condition), now), "Something needs a look");
});

test("what holds comes before what is over, the newest first, whatever list it is from", () => {
  const at = (name: string, openTime: string, closeTime: string | null = null) => alert("SHOCK", { name, openTime, closeTime });
  const rows = [at("alerts/2", "2026-03-04T11:00:00Z"), at("alerts/1", "2026-03-04T11:40:00Z", "2026-03-04T11:41:00Z"), at("modemAlerts/1", "2026-03-04T11:20:00Z")];
  assert.deepEqual(inOrder(rows).map((a) => a.name), ["modemAlerts/1", "alerts/2", "alerts/1"]);
});
