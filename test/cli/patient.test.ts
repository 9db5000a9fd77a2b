import { expect } from "chai";

import { readPatient } from "../../cli/oracle/patient.ts";
import { UsageError } from "../../cli/output.ts";
import type { Hex } from "../../oracle/report/bytes.ts";
import { patientKey, type Identifier } from "../../oracle/report/keys.ts";

const keyOf = (identifier: Identifier): Hex => patientKey(new Uint8Array(32).fill(3), identifier);

describe("a patient on the command line", () => {
  it("is an identifier, split at the first bar, or a key in either case", () => {
    const key = `0x${"ab".repeat(32)}`;
    expect(readPatient(key.toUpperCase().replace("0X", "0x"), keyOf)).to.equal(key);
    expect(readPatient("urn:a|b|c", keyOf)).to.equal(keyOf({ system: "urn:a", value: "b|c" }));
    expect(readPatient("|7", keyOf)).to.equal(keyOf({ system: "", value: "7" }));
  });

  it("is refused without repeating what was typed", () => {
    for (const text of ["Jane Doe", "urn:a|", "", `0x${"ab".repeat(31)}`]) {
      let refusal: unknown;
      try {
        readPatient(text, keyOf);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).to.be.instanceOf(UsageError);
      if (text !== "") expect((refusal as Error).message).not.to.contain(text);
    }
  });
});
