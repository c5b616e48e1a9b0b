import assert from "node:assert/strict";
import { test } from "node:test";
import { Parser } from "../src/sse";

test("a stream cut anywhere gives the same messages", () => {
  const text = ": beat\r\n\r\nretry: 3000\nid: 7\ndata: {\"a\":\ndata: 1}\n\nevent: gone\ndata: {}\n\nid: 8\n\ndata: half";
  const whole = new Parser().push(text);
  assert.deepEqual(whole, [
    { event: "message", data: '{"a":\n1}', id: "7" },
    { event: "gone", data: "{}", id: "7" },
  ]);
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new Parser();
    assert.deepEqual([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))], whole, `cut at ${cut}`);
    assert.equal(parser.retry, 3000);
  }
});
