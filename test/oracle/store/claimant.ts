/**
 * A worker of its own: claims a row of places for a content that only it proposes, as soon as it is told to, and prints
 * the numbers of those that it holds. Arguments: the store's location, the worker's number, how many places.
 */

import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { placeOf } from "../../../oracle/report/messages.ts";
import { openStores } from "../../../oracle/store/stores.ts";
import { milestone, requestFor, TODAY } from "../endorse/fixture.ts";
import { AGREEMENT } from "../report/vectors.ts";

// The test runner loads every file of the tests' folder: this one works only when it is a process's own.
if (process.argv[1] === fileURLToPath(import.meta.url)) await claim();

async function claim(): Promise<void> {
  const [location = "", worker = "0", places = "0"] = process.argv.slice(2);
  const { endorsements, database } = await openStores(location, "test");
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  const held: number[] = [];
  for (let number = 1; number <= Number(places); number++) {
    const request = requestFor(milestone({ P1: BigInt(worker) }, { number }).content);
    const holder = await endorsements.claim(AGREEMENT, placeOf(request.content), request, TODAY);
    if (holder.digest === request.digest) held.push(number);
  }
  process.stdout.write(`${JSON.stringify(held)}\n`);
  await database.close();
  process.stdin.destroy();
}
