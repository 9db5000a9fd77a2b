import { expect } from "chai";

import { AUTH_HEADERS, CLOCK_TOLERANCE, signCall } from "../../../oracle/endorse/auth.ts";
import { writeRequest } from "../../../oracle/endorse/request.ts";
import { readEraseAnswer, writeErase } from "../../../oracle/erase/request.ts";
import { AGREEMENT } from "../report/vectors.ts";
import type { OperatorSigner } from "../../../oracle/endorse/signer.ts";
import { computing, milestone, nodeOf, requestFor, SIGNERS, STRANGER } from "./fixture.ts";

const [node = STRANGER, peer = STRANGER, third = STRANGER] = SIGNERS;
const body = writeRequest(requestFor(milestone().content));

async function send(
  { server, clock }: Awaited<ReturnType<typeof nodeOf>>,
  overrides: {
    url?: string;
    payload?: string;
    signed?: string;
    to?: string;
    path?: string;
    time?: number;
    by?: OperatorSigner;
  } = {},
) {
  const { payload = body, signed = payload, to = node.address, path = "/endorse", time = clock.now } = overrides;
  const call = { method: "POST", path, to };
  const headers = await signCall(call, Buffer.from(signed), time, overrides.by ?? peer);
  const inject = (extra: Record<string, string> = {}) =>
    server.inject({
      method: "POST",
      url: overrides.url ?? "/endorse",
      payload,
      headers: { "content-type": "application/json", ...headers, ...extra },
    });
  return { inject, response: await inject() };
}

describe("an operator's server", () => {
  it("says that it is up", async () => {
    expect((await (await nodeOf(node)).server.inject("/health")).statusCode).to.equal(200);
  });

  it("endorses for an operator of its list", async () => {
    const { response } = await send(await nodeOf(node));
    expect(response.statusCode).to.equal(200);
    expect(response.json()).to.include({ status: "endorsed", signer: node.address });
  });

  it("answers 409 where its own result differs, and when another content holds the place", async () => {
    const other = await nodeOf(node, computing({ P2: 183n }));
    const { response } = await send(other);
    expect(response.statusCode).to.equal(409);
    expect(response.json()).to.have.property("status", "different");

    const payload = writeRequest(requestFor(milestone({ P2: 183n }).content));
    expect((await send(other, { payload })).response.statusCode).to.equal(200);
    const moved = writeRequest(requestFor(milestone({ P2: 183n }, { lastDay: 20_703 }).content));
    const again = await send(other, { payload: moved });
    expect(again.response.statusCode).to.equal(409);
    expect(again.response.json()).to.have.property("status", "taken");
  });

  it("refuses a stranger, a signature over something else, and one meant for another operator", async () => {
    const target = await nodeOf(node);
    const refused = [
      await send(target, { by: STRANGER }),
      await send(target, { signed: `${body} ` }),
      await send(target, { path: "/entries" }),
      await send(target, { to: third.address }),
    ];
    for (const { response } of refused) expect(response.statusCode).to.equal(401);
    const { inject } = await send(target, { to: third.address });
    expect((await inject({ [AUTH_HEADERS.operator]: third.address })).statusCode).to.equal(401);
    expect((await inject({ [AUTH_HEADERS.signature]: "0x00" })).statusCode).to.equal(401);
    expect((await target.server.inject({ method: "POST", url: "/endorse", payload: body })).statusCode).to.equal(401);
  });

  it("refuses a request again, and one whose time is off", async () => {
    const target = await nodeOf(node);
    const { inject, response } = await send(target);
    expect(response.statusCode).to.equal(200);
    expect((await inject()).statusCode).to.equal(401);
    target.clock.now += CLOCK_TOLERANCE + 1;
    expect((await inject()).statusCode).to.equal(401);
    const early = await send(target, { time: target.clock.now + CLOCK_TOLERANCE + 1 });
    expect(early.response.statusCode).to.equal(401);
    expect((await send(target)).response.statusCode).to.equal(200);
  });

  it("passes a request to erase on with who asks, and lets in no stranger", async () => {
    const target = await nodeOf(node);
    const request = { agreement: AGREEMENT, patientKey: `0x${"ab".repeat(32)}` as const, place: null };
    const payload = writeErase(request);
    const { response } = await send(target, { payload, path: "/erase", url: "/erase" });
    expect(response.statusCode).to.equal(200);
    expect(readEraseAnswer(response.body)).to.deep.equal({ status: "waiting", reason: `not here, ${peer.address}` });
    const stranger = await send(target, { payload, path: "/erase", url: "/erase", by: STRANGER });
    expect(stranger.response.statusCode).to.equal(401);
    // A request to endorse can't pass for one to erase.
    expect((await send(target, { payload, path: "/endorse", url: "/erase" })).response.statusCode).to.equal(401);
    const malformed = [
      "{",
      "{}",
      payload.replace("null", "1"),
      payload.replace("ab", "zz"),
      `${payload.slice(0, -1)},"a":1}`,
    ];
    for (const text of malformed) {
      const { response: refused } = await send(target, { payload: text, path: "/erase", url: "/erase" });
      expect(refused.statusCode).to.equal(400);
    }
  });

  it("refuses what is no request", async () => {
    const target = await nodeOf(node);
    for (const payload of ["{", "{}", body.replace('"milestone"', '"wager"')]) {
      expect((await send(target, { payload })).response.statusCode).to.equal(400);
    }
  });
});
