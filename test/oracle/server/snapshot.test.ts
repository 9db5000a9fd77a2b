import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import fc from "fast-check";

import {
  chooseSnapshot,
  listSnapshots,
  MANIFEST,
  pruneSnapshots,
  timeOf,
  type Manifest,
  type Snapshot,
} from "../../../oracle/intake/server/snapshot.ts";
import { on } from "../support.ts";
import { Place } from "./setup.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

function manifestOf(time: string): Manifest {
  const instant = new Date(time).toISOString();
  return {
    format: 1,
    id: instant.replace(/[-:.]/g, ""),
    url: "https://fhir.example.org",
    mode: "search",
    transactionTime: instant,
    fetchedAt: instant,
    previous: null,
    files: [],
    issues: { path: "issues.ndjson", sha256: "0".repeat(64), bytes: 0, count: 0 },
  };
}

const snapshot = (time: string): Snapshot => ({ folder: "", manifest: manifestOf(time) });

describe("choosing a snapshot", () => {
  const taken = ["2026-03-01T09:00:00Z", "2026-03-02T00:10:00Z", "2026-03-02T12:00:00Z"].map(snapshot);
  const now = Date.parse("2026-03-02T12:00:30Z");
  const chosen = (asOf: string, time = now) => {
    const found = chooseSnapshot(taken, on(asOf), time, MINUTE);
    return found === null ? null : taken.indexOf(found);
  };

  it("takes the first that was taken after the day had ended", () => {
    expect(chosen("2026-02-10")).to.equal(0);
    expect(chosen("2026-03-01")).to.equal(1);
    expect(chosen("2026-03-01", now + 1_000 * DAY)).to.equal(1);
  });

  it("takes the newest for a day that has not ended, while it is young", () => {
    expect(chosen("2026-03-02")).to.equal(2);
    expect(chosen("2026-03-02", now + MINUTE)).to.equal(null);
    expect(chosen("2026-03-02", now - 2 * MINUTE), "fetched in the future: a clock was moved").to.equal(null);
  });

  it("never takes one for a day gone by that a later one would be chosen before", () => {
    const instants = fc.array(fc.integer({ min: 0, max: 40 * 24 }), { maxLength: 30 });
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 30 }), (hours, day) => {
        const first = Date.parse("2026-01-01T00:00:00Z");
        const all = [...hours]
          .sort((a, b) => a - b)
          .map((hour) => snapshot(new Date(first + hour * 3_600_000).toISOString()));
        const asOf = on("2026-01-01") + day;
        const found = chooseSnapshot(all, asOf, first + 1_000 * DAY, MINUTE);
        const fit = all.filter((one) => timeOf(one) >= first + (day + 1) * DAY);
        expect(found).to.equal(fit[0] ?? null);
      }),
    );
  });
});

describe("the folder of snapshots", () => {
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.remove());

  const add = (time: string): string => {
    const manifest = manifestOf(time);
    mkdirSync(join(place.folder, manifest.id));
    writeFileSync(join(place.folder, manifest.id, MANIFEST), JSON.stringify(manifest));
    return manifest.id;
  };

  it("keeps of each day gone by the first and the last, and everything of the last hour", () => {
    const first = add("2026-03-01T01:00:00Z");
    add("2026-03-01T02:00:00Z");
    add("2026-03-01T03:00:00Z");
    const last = add("2026-03-01T23:00:00Z");
    const early = add("2026-03-02T11:00:00Z");
    const recent = ["2026-03-02T11:30:00Z", "2026-03-02T11:50:00Z"].map(add);
    pruneSnapshots(place.folder, Date.parse("2026-03-02T12:00:00Z"));
    expect(readdirSync(place.folder)).to.have.members([first, last, early, ...recent]);
  });

  it("passes over what is no finished snapshot", () => {
    const whole = add("2026-03-01T01:00:00Z");
    mkdirSync(join(place.folder, ".unfinished-1"));
    mkdirSync(join(place.folder, "empty"));
    mkdirSync(join(place.folder, "renamed"));
    writeFileSync(join(place.folder, "renamed", MANIFEST), JSON.stringify(manifestOf("2026-03-05T00:00:00Z")));
    mkdirSync(join(place.folder, "cut"));
    writeFileSync(join(place.folder, "cut", MANIFEST), '{"format":1,');
    writeFileSync(join(place.folder, "note.txt"), "x");
    expect(listSnapshots(place.folder).map(({ manifest: { id } }) => id)).to.deep.equal([whole]);
    expect(listSnapshots(join(place.folder, "nowhere"))).to.be.empty;
  });

  it("takes no manifest whose paths lead elsewhere", () => {
    fc.assert(
      fc.property(fc.constantFrom("../x", "/etc/passwd", "data/../../x", "a//b", "C:\\x", ""), (path) => {
        const manifest = manifestOf("2026-03-01T01:00:00Z");
        const folder = join(place.folder, manifest.id);
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, MANIFEST), JSON.stringify({ ...manifest, issues: { ...manifest.issues, path } }));
        expect(listSnapshots(place.folder)).to.be.empty;
      }),
    );
  });
});
