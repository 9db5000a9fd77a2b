import { expect } from "chai";
import { AbiCoder, concat, id, keccak256, type Interface } from "ethers";

import { digestOf, MESSAGE_TYPES, structHashOf, type OracleMessage } from "../../../oracle/report/messages.ts";
import { messageSchema, toJson } from "../../../oracle/report/wire.ts";
import { IOutcomeAgreement__factory } from "../../../typechain-types/index.ts";
import { AGREEMENT } from "./vectors.ts";

const coder = AbiCoder.defaultAbiCoder();
const hash = (types: string[], values: unknown[]): string => keccak256(coder.encode(types, values));
const root = `0x${"5a".repeat(32)}` as const;

/** EIP-712 by hand: the type as text, the fields one word each. */
const TYPE = {
  domain: "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
  tally: "Tally(uint32 patients,int128 sum)",
  enrolment: "Enrolment(uint16 cohort,uint32 number,uint32 patients,uint32 indexedDay,bytes32 root,uint32 lastDay)",
  milestone:
    "MilestoneReport(uint16 clause,uint16 cohort,uint32 number,uint32 asOfDay,Tally[] tallies,uint32 notEvaluable,bytes32 root,uint32 lastDay)Tally(uint32 patients,int128 sum)",
  wager:
    "WagerReport(uint16 clause,uint16 cohort,uint32 number,uint32 asOfDay,bool evaluable,int128 value,bytes32 root,uint32 lastDay)",
};

const domain = hash(
  ["bytes32", "bytes32", "bytes32", "uint256", "address"],
  [id(TYPE.domain), id("outcomepay"), id("1"), AGREEMENT.chainId, AGREEMENT.address],
);

const tallies = [
  { patients: 3, sum: 0n },
  { patients: 2, sum: -270n },
];
const place = { clause: 4, cohort: 2, number: 9, asOfDay: 20_500, root, lastDay: 20_507 } as const;

const cases: { content: OracleMessage; struct: string }[] = [
  {
    content: { kind: "enrolment", message: { cohort: 2, number: 9, patients: 5, indexedDay: 8, root, lastDay: 7 } },
    struct: hash(
      ["bytes32", "uint16", "uint32", "uint32", "uint32", "bytes32", "uint32"],
      [id(TYPE.enrolment), 2, 9, 5, 8, root, 7],
    ),
  },
  {
    content: { kind: "milestone", message: { ...place, tallies, notEvaluable: 1 } },
    struct: hash(
      ["bytes32", "uint16", "uint16", "uint32", "uint32", "bytes32", "uint32", "bytes32", "uint32"],
      [
        id(TYPE.milestone),
        4,
        2,
        9,
        20_500,
        keccak256(
          concat(
            tallies.map(({ patients, sum }) => hash(["bytes32", "uint32", "int128"], [id(TYPE.tally), patients, sum])),
          ),
        ),
        1,
        root,
        20_507,
      ],
    ),
  },
  {
    content: { kind: "wager", message: { ...place, evaluable: true, value: -1n } },
    struct: hash(
      ["bytes32", "uint16", "uint16", "uint32", "uint32", "bool", "int128", "bytes32", "uint32"],
      [id(TYPE.wager), 4, 2, 9, 20_500, true, -1n, root, 20_507],
    ),
  },
];

describe("messages", () => {
  for (const { content, struct } of cases) {
    it(`hash as EIP-712 says, by hand: ${content.kind}`, () => {
      expect(structHashOf(content)).to.equal(struct);
      expect(digestOf(AGREEMENT, content)).to.equal(keccak256(concat(["0x1901", domain, struct])));
    });

    it(`come back from JSON as they were: ${content.kind}`, () => {
      expect(messageSchema.parse(JSON.parse(toJson(content)))).to.deep.equal(content);
    });
  }

  it("have the fields of the contract's structs, in order", () => {
    const abi: Interface = IOutcomeAgreement__factory.createInterface();
    const structOf = (call: string): { name: string; type: string }[] =>
      (abi.getFunction(call)?.inputs[0]?.components ?? []).map(({ name, type, arrayChildren }) => ({
        name,
        type: arrayChildren === null ? type : `Tally[]`,
      }));
    expect(MESSAGE_TYPES.enrolment.Enrolment).to.deep.equal(structOf("enrol"));
    expect(MESSAGE_TYPES.milestone.MilestoneReport).to.deep.equal(structOf("reportMilestone"));
    expect(MESSAGE_TYPES.wager.WagerReport).to.deep.equal(structOf("reportWager"));
  });

  it("with numbers that do not fit, or unknown keys, are refused as JSON", () => {
    const [enrolment] = cases;
    const good = JSON.parse(toJson(enrolment?.content)) as { kind: string; message: Record<string, unknown> };
    for (const wrong of [{ cohort: 65_536 }, { number: -1 }, { patients: 1.5 }, { root: "0x00" }, { extra: 1 }]) {
      const { success } = messageSchema.safeParse({ ...good, message: { ...good.message, ...wrong } });
      expect(success, JSON.stringify(wrong)).to.equal(false);
    }
  });
});
