/** What must be refused: each case changes the sheet in one way and gives the path and a part of the one message. */

export type Replacement = readonly [string, string];

/** What a changed sheet must say: exactly one problem, its path, and a part of its message. */
export type Case = readonly [title: string, path: string, message: string, ...replacements: Replacement[]];

const A = "0x8ba1f109551bD432803012645Ac136ddd64DBA72";
export const B = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
export const REFUND = "pays: [{ pays: 50% }, { atLeast: 6mo, pays: 0 }]";
export const BONUS = "pays: [{ pays: -100 }, { atLeast: 80%, pays: 0, perUnit: 10 }, { above: 90%, pays: 100 }]";

export const CASES: Readonly<Record<string, readonly Case[]>> = {
  "the sheet": [
    [
      "an unknown key",
      "titel",
      'found the unknown key "titel", expected a key of this table; did you mean "title"?',
      ["title: Guarantee", "title: Guarantee\ntitel: Again"],
    ],
    ["no title", "title", "found nothing, expected the agreement's title", ["title: Guarantee\n", ""]],
    ["an empty title", "title", "found nothing", ["title: Guarantee", "title:"]],
    [
      "a title with control characters",
      "title",
      "one line of printable characters",
      ["title: Guarantee", 'title: "a\\u001b[31mb"'],
    ],
    ["a title that turns the reading direction", "title", "printable", ["title: Guarantee", 'title: "a\\u202eb"']],
    ["another grammar", "outcomes", 'found "2", expected 1', ["outcomes: 1", "outcomes: 2"]],
    [
      "unknown rules",
      "rules",
      "a known version of the clinical rules: 2026.1",
      ["outcomes: 1", "outcomes: 1\nrules: 2031.7"],
    ],
    [
      "a nonce too large",
      "nonce",
      "from 0 to 18446744073709551615",
      ["outcomes: 1", "outcomes: 1\nnonce: 18446744073709551616"],
    ],
    ["a nonce with a fraction", "nonce", 'found "1.5"', ["outcomes: 1", "outcomes: 1\nnonce: 1.5"]],
    [
      "a date that does not exist",
      "validUntil",
      "expected a date such as 2026-01-31 that exists",
      ["outcomes: 1", "outcomes: 1\nvalidUntil: 2026-02-30"],
    ],
    [
      "a short hash",
      "legal.sha256",
      "64 hexadecimal digits",
      ["outcomes: 1", "outcomes: 1\nlegal: { sha256: abc, uri: x, prevails: paper }"],
    ],
    ["a small-letter currency", "currency.code", "capital letters", ["code: CNY", "code: cny"]],
    ["19 decimals", "currency.decimals", "from 0 to 18", ["decimals: 2", "decimals: 19"]],
    ["no currency", "currency", "found nothing", ["currency: { code: CNY, decimals: 2 }\n", ""]],
  ],
  "the parties": [
    [
      "an unknown group",
      "parties.hospital",
      'found the group "hospital", expected one of payer, manufacturer, provider, beneficiary, guarantor',
      ["  provider:", "  hospital:"],
    ],
    ["a misspelt group", "parties.provder", 'did you mean "provider"?', ["  provider:", "  provder:"]],
    [
      "shares below 100%",
      "parties.payer",
      "found shares that add up to 99.9%, expected 100%",
      ["share: 60%", "share: 59.9%"],
    ],
    [
      "shares above 100%",
      "parties.payer",
      "found shares that add up to 100.000001%",
      ["share: 60%", "share: 60.000001%"],
    ],
    ["a share of nothing", "parties.payer[1].share", "a percentage above 0%", ["share: 60%", "share: 0%"]],
    [
      "a share with seven decimals",
      "parties.payer[1].share",
      "at most 6 decimals",
      ["share: 60%", "share: 60.0000001%"],
    ],
    ["a share without %", "parties.payer[1].share", 'found "60"', ["share: 60%", "share: 60"]],
    ["a missing share", "parties.payer[1].share", "found nothing", [", share: 60%", ""]],
    [
      "one member with part of the group",
      "parties.provider",
      "found shares that add up to 50%",
      ["{ name: Hospital }", "{ name: Hospital, share: 50% }"],
    ],
    ["a name twice", "parties.payer[1].name", 'found "Basic" a second time', ["name: Commercial", "name: Basic"]],
    ["an empty group", "parties.provider", "found an empty list", ["provider: [{ name: Hospital }]", "provider: []"]],
    [
      "an unknown way of payout",
      "parties.provider[0].payout",
      "one of on-request, automatic",
      ["name: Hospital", "name: Hospital, payout: auto"],
    ],
    [
      "a short address",
      "parties.provider[0].address",
      "0x and 40 hexadecimal digits",
      ["name: Hospital", "name: Hospital, address: 0x12"],
    ],
    [
      "the zero address",
      "parties.provider[0].address",
      "found the zero address",
      ["name: Hospital", `name: Hospital, address: "0x${"0".repeat(40)}"`],
    ],
    [
      "a wrong checksum",
      "parties.provider[0].address",
      "whose checksum is wrong",
      ["name: Hospital", `name: Hospital, address: "${A.replace("bD", "Bd")}"`],
    ],
    [
      "one account for two parties",
      "parties.provider[0].address",
      "the address of manufacturer/Maker",
      ["name: Hospital", `name: Hospital, address: "${A}"`],
      ["name: Maker", `name: Maker, address: "${A.toLowerCase()}"`],
    ],
    [
      "17 members",
      "parties",
      "found 19 members, expected at most 16",
      [
        "provider: [{ name: Hospital }]",
        `provider: [${Array.from({ length: 16 }, (_, k) => `{ name: H${k}, share: 6.25% }`).join(", ")}]`,
      ],
    ],
  ],
  "the oracle": [
    [
      "a window without an arbiter",
      "oracle.challengeWindow",
      "found a challenge window without an arbiter",
      ["grace: 30d", "grace: 30d, challengeWindow: 7d"],
    ],
    [
      "a duration without a unit",
      "oracle.reportWithin",
      'found "60", expected a duration such as 90d',
      ["reportWithin: 60d", "reportWithin: 60"],
    ],
    [
      "a window over a year",
      "oracle.reportWithin",
      'found "367d" (367 days), expected at most a year (366 days)',
      ["reportWithin: 60d", "reportWithin: 367d"],
    ],
    ["no patients in a cell", "oracle.minCell", "from 1 to", ["grace: 30d", "grace: 30d, minCell: 0"]],
    [
      "a bond below a minor unit",
      "oracle.challengeBond",
      "a whole number of minor units (0.01 CNY)",
      ["grace: 30d", "grace: 30d, challengeWindow: 7d, arbiter: Board, challengeBond: 0.001"],
    ],
    [
      "a negative bond",
      "oracle.challengeBond",
      "not negative",
      ["grace: 30d", "grace: 30d, challengeWindow: 7d, arbiter: Board, challengeBond: -1"],
    ],
    [
      "a party as the arbiter",
      "oracle.arbiter",
      "the party provider/Hospital, expected the arbiter to be nobody's side",
      ["grace: 30d", `grace: 30d, challengeWindow: 7d, arbiter: "${B}"`],
      ["name: Hospital", `name: Hospital, address: "${B.toLowerCase()}"`],
    ],
    [
      "a party's name as the arbiter",
      "oracle.arbiter",
      "the party provider/Hospital",
      ["grace: 30d", "grace: 30d, challengeWindow: 7d, arbiter: Hospital"],
    ],
    [
      "a party as the oracle",
      "oracle.address",
      "expected the oracle to be nobody's side",
      ["grace: 30d", `grace: 30d, address: "${B}"`],
      ["name: Hospital", `name: Hospital, address: "${B}"`],
    ],
    [
      "a group that authorises",
      "oracle.authorisedBy",
      "a group of 2, expected one member: one of payer/Basic, payer/Commercial",
      ["grace: 30d", "grace: 30d, authorisedBy: payer"],
    ],
    [
      "a stranger who authorises",
      "oracle.authorisedBy",
      'did you mean "payer/Basic"?',
      ["grace: 30d", "grace: 30d, authorisedBy: payer/Basci"],
    ],
  ],
  "the cohorts": [
    [
      "a cohort that closes as it opens",
      "cohorts.2027.closes",
      "expected a day after opens (2027-01-01)",
      ["closes: 2028-01-01", "closes: 2027-01-01"],
    ],
    [
      "a cohort of over ten years",
      "cohorts.2027.closes",
      "at most 10 years",
      ["closes: 2028-01-01", "closes: 2037-01-03"],
    ],
    [
      "a cohort whose disputes could reach 2106",
      "cohorts.2027.closes",
      "expected 2068-12-31 or before",
      ["closes: 2028-01-01", "closes: 2069-01-01"],
    ],
    ["a day before 1970", "cohorts.2026.opens", "from 1970-01-01 on", ["opens: 2026-01-01", "opens: 1969-12-31"]],
    [
      "a date with a time",
      "cohorts.2026.opens",
      "expected a date such as",
      ["opens: 2026-01-01", 'opens: "2026-01-01T00:00:00Z"'],
    ],
    ["no patients", "cohorts.2026.maxPatients", "from 1 to 4294967295", ["maxPatients: 120", "maxPatients: 0"]],
    [
      "too many patients",
      "cohorts.2026.maxPatients",
      "from 1 to 4294967295",
      ["maxPatients: 120", "maxPatients: 4294967296"],
    ],
    ["patients as a float", "cohorts.2026.maxPatients", 'found "1e2"', ["maxPatients: 120", "maxPatients: 1e2"]],
    ["a price in hexadecimal", "cohorts.2027.price", 'found "0x10", expected money', ["price: 1000", "price: 0x10"]],
    ["a price with separators", "cohorts.2027.price", 'found "1_000"', ["price: 1000", "price: 1_000"]],
    ["an octal price", "cohorts.2027.price", 'found "0100"', ["price: 1000", "price: 0100"]],
    ["a bare point", "cohorts.2027.price", 'found ".5"', ["price: 1000", "price: .5"]],
    ["a null price", "cohorts.2027.price", "found nothing", ["price: 1000", "price: ~"]],
    [
      "a price below a minor unit",
      "cohorts.2027.price",
      'found "1000.005", expected a whole number of minor units (0.01 CNY)',
      ["price: 1000", "price: 1000.005"],
    ],
    ["a negative price", "cohorts.2027.price", "not negative", ["price: 1000", "price: -1"]],
    [
      "money beyond the ledger",
      "cohorts.2027.price",
      "at most 396140812571321687967719751.67 either way",
      ["price: 1000", `price: 1${"0".repeat(29)}`],
    ],
    ["an id with a slash", "cohorts.20/27", 'the id "20/27"', ["  2027:", "  20/27:"]],
    ["an id of 65 characters", `cohorts.${"x".repeat(65)}`, "an id of 1 to 64", ["  2027:", `  ${"x".repeat(65)}:`]],
    [
      "eligibility without a code system",
      "cohorts.2027.eligibility.conditions[0]",
      "system|code",
      ["price: 1000", "eligibility: { conditions: [C34] }, price: 1000"],
    ],
  ],
};
