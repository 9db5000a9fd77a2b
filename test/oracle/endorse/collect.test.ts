import { expect } from "chai";
import { AbiCoder, keccak256, recoverAddress } from "ethers";

import { httpAsk } from "../../../oracle/endorse/client.ts";
import { collect, type Ask, type Peer } from "../../../oracle/endorse/collect.ts";
import { encodeEndorsements } from "../../../oracle/endorse/encode.ts";
import { preimageOf } from "../../../oracle/report/messages.ts";
import { computing, milestone, nodeOf, requestFor, SIGNERS, STRANGER } from "./fixture.ts";

const request = requestFor(milestone().content);
const preimage = preimageOf(request.agreement, request.content);
const peersOf = (urls: readonly string[]): Peer[] =>
  urls.map((url, i) => ({ url, address: SIGNERS[i]?.address ?? "" }));

/** A peer that signs with its own key. */
const signs: Ask = async (peer, { agreement, content }) => {
  const signer = SIGNERS.find(({ address }) => address === peer.address) ?? STRANGER;
  return { status: "endorsed", signer: signer.address, signature: await signer.sign(preimageOf(agreement, content)) };
};

describe("collecting endorsements", () => {
  const names = ["a", "b", "c", "d", "e"];

  it("reaches 3 of 5 over HTTP with one node down and one that has other records", async () => {
    const nodes = await Promise.all(
      SIGNERS.map((signer, i) => nodeOf(signer, i === 2 ? computing({ P1: 10n }) : computing())),
    );
    const running = nodes.filter((_, i) => i !== 1);
    try {
      const urls = await Promise.all(running.map(({ server }) => server.listen({ host: "127.0.0.1", port: 0 })));
      urls.splice(1, 0, "http://127.0.0.1:1");
      const [proposer, , third] = SIGNERS;
      if (proposer === undefined || third === undefined) throw new Error("five operators");
      const own = await nodes[0]?.endorser.endorseOwn(request);
      if (own?.status !== "endorsed") throw new Error("the proposer signs");
      const options = { peers: peersOf(urls), own: [own], ask: httpAsk(proposer, () => 1_000_000), timeout: 5_000 };

      const three = await collect(request, { ...options, threshold: 3 });
      expect(three.complete).to.equal(true);
      expect(new Set(three.endorsements.map(({ signer }) => signer)).size).to.equal(3);
      for (const { signer, signature } of three.endorsements) {
        expect(recoverAddress(request.digest, signature)).to.equal(signer);
      }

      // Again a moment later: the same request made twice in one millisecond is refused.
      const four = await collect(request, { ...options, ask: httpAsk(proposer, () => 1_000_001), threshold: 4 });
      expect(four.complete).to.equal(false);
      expect(four.endorsements.length).to.equal(3);
      const found = new Map(four.refusals.map(({ peer, reply }) => [peer.address, reply.status]));
      expect(found.get(SIGNERS[1]?.address ?? "")).to.equal("failed");
      expect(found.get(third.address)).to.equal("different");
    } finally {
      await Promise.all(running.map(({ server }) => server.close()));
    }
  });

  it("takes no signature that is not the peer's own", async () => {
    const forged: Ask = async (peer, it, signal) =>
      peer.url === "a"
        ? { status: "endorsed", signer: peer.address, signature: await STRANGER.sign(preimage) }
        : peer.url === "b"
          ? { status: "endorsed", signer: peer.address, signature: "0x1234" }
          : signs(peer, it, signal);
    const result = await collect(request, {
      peers: peersOf(names),
      own: [],
      threshold: 4,
      ask: forged,
      timeout: 1_000,
    });
    expect(result.complete).to.equal(false);
    expect(result.refusals.map(({ peer }) => peer.url).sort()).to.deep.equal(["a", "b"]);
  });

  it("does not wait for a peer that never answers", async () => {
    const silent: Ask = (peer, it, signal) =>
      peer.url === "a" ? new Promise(() => undefined) : signs(peer, it, signal);
    const options = { peers: peersOf(names), own: [], ask: silent, timeout: 50 };
    expect((await collect(request, { ...options, threshold: 4 })).complete).to.equal(true);
    const all = await collect(request, { ...options, threshold: 5 });
    expect(all.complete).to.equal(false);
    expect(all.refusals.map(({ peer, reply }) => [peer.url, reply.status])).to.deep.equal([["a", "failed"]]);
  });

  it("hears a peer that answers after the threshold is reached, until it is told to stop", async () => {
    const answers = new Map<string, () => void>();
    const slow: Ask = async (peer, it, signal) => {
      if (peer.url !== "a" && peer.url !== "b") return signs(peer, it, signal);
      await new Promise<void>((answer) => answers.set(peer.url, answer));
      return { status: "declined", reason: "late" };
    };
    const options = { peers: peersOf(names), own: [], ask: slow, timeout: 1_000, threshold: 3 };
    const { complete, refusals, stop } = await collect(request, options);
    expect([complete, refusals.length]).to.deep.equal([true, 0]);
    answers.get("a")?.();
    await new Promise(setImmediate);
    expect(refusals.map(({ peer }) => peer.url)).to.deep.equal(["a"]);
    stop();
    answers.get("b")?.();
    await new Promise(setImmediate);
    expect(refusals.length).to.equal(1);
  });

  it("asks nobody when the proposer's own signature is enough", async () => {
    const signature = await STRANGER.sign(preimage);
    const own = [{ signer: STRANGER.address, signature }];
    const nobody: Ask = () => Promise.reject(new Error("asked"));
    const result = await collect(request, { peers: peersOf(names), own, threshold: 1, ask: nobody, timeout: 50 });
    expect(result).to.deep.include({ complete: true, endorsements: own, refusals: [] });
  });
});

describe("encoding endorsements", () => {
  it("orders signers by the hash of their bytes and keeps each with its signature", async () => {
    const endorsements = await Promise.all(
      SIGNERS.map(async (it) => ({ signer: it.address, signature: await it.sign(preimage) })),
    );
    const decoded = AbiCoder.defaultAbiCoder().decode(["bytes[]", "bytes[]"], encodeEndorsements(endorsements));
    const [signers, signatures] = decoded.toArray() as [string[], string[]];
    const ids = signers.map((signer) => BigInt(keccak256(signer)));
    expect(ids).to.deep.equal([...ids].sort((a, b) => (a < b ? -1 : 1)));
    signers.forEach((signer, i) =>
      expect(recoverAddress(request.digest, signatures[i] ?? "0x").toLowerCase()).to.equal(signer),
    );
    expect(encodeEndorsements([...endorsements].reverse())).to.equal(encodeEndorsements(endorsements));
  });

  it("refuses an operator named twice", async () => {
    const one = { signer: STRANGER.address, signature: await STRANGER.sign(preimage) };
    expect(() => encodeEndorsements([one, one])).to.throw(RangeError);
  });
});
