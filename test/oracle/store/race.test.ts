import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { openStores } from "../../../oracle/store/stores.ts";
import { AGREEMENT } from "../report/vectors.ts";
import { onBothDatabases } from "./databases.ts";

const CLAIMANT = fileURLToPath(new URL("claimant.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const WORKERS = 3;
const PLACES = 40;

onBothDatabases("several processes on one store", (database) => {
  it("race for endorsements, and each place is held by one of them", async () => {
    const location = await database.fresh();
    const env = { ...process.env, NODE_OPTIONS: undefined };
    const workers = Array.from({ length: WORKERS }, (_, worker) => {
      const args = [CLAIMANT, location, String(worker), String(PLACES)];
      const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["pipe", "pipe", "inherit"] });
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      const next = async (): Promise<string> => {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`worker ${worker} ended early`);
        return value;
      };
      return { child, next };
    });
    for (const { next } of workers) expect(await next()).to.equal("ready");
    for (const { child } of workers) child.stdin.write("go\n");
    const held = await Promise.all(workers.map(async ({ next }) => JSON.parse(await next()) as number[]));
    for (const { child } of workers) if (child.exitCode === null) await once(child, "exit");
    const all = Array.from({ length: PLACES }, (_, i) => i + 1);
    expect(held.flat().sort((a, b) => a - b)).to.deep.equal(all);

    const stores = await openStores(location, "test");
    for (const number of all) {
      const holder = await stores.endorsements.holder(AGREEMENT, { kind: "milestone", clause: 1, cohort: 0, number });
      expect(holder?.content.message.number).to.equal(number);
    }
    await stores.database.close();
  });
});
