import { readFileSync } from "node:fs";

import { expect } from "chai";

import { toJson } from "../../../oracle/report/wire.ts";
import { workedExample } from "./vectors.ts";

const protocol = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

describe("docs/protocol.md", () => {
  it("shows the worked example as the program computes it", () => {
    const [, shown] = /```json\n([\s\S]*?)```/.exec(protocol) ?? [];
    expect(JSON.parse(shown ?? "")).to.deep.equal(JSON.parse(toJson(workedExample())));
  });
});
