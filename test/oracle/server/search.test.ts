import { expect } from "chai";

import { loadFolder } from "../support.ts";
import { mcodeExamples, MCODE_EXAMPLES, startFhirServer, type FhirServer } from "./fhirServer.ts";
import { LATER, Place } from "./setup.ts";

describe("records of a FHIR server by search", () => {
  let server: FhirServer;
  let place: Place;

  before(async function () {
    this.timeout(30_000);
    server = await startFhirServer(mcodeExamples());
  });
  after(() => server.close());
  beforeEach(() => {
    place = new Place();
    server.requests.length = 0;
    server.intercept = null;
  });
  afterEach(() => place.remove());

  it("are those that the same resources give as files", async () => {
    const fromServer = await place.load({ url: server.url, mode: "search", pageSize: "7" });
    const fromFiles = await loadFolder(MCODE_EXAMPLES, LATER);
    expect(fromFiles.patients.length).to.be.greaterThan(3);
    expect(fromServer.patients).to.deep.equal(fromFiles.patients);
    const reasons = (loaded: typeof fromFiles) =>
      loaded.rejected.map(({ resource, reason }) => `${resource}: ${reason}`).sort();
    console.log(
      reasons(fromServer),
      reasons(fromFiles),
      server.requests.length,
      fromServer.counts,
      place.surroundings.notes,
    );
  });
});
