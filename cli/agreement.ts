/** `agreement …`: signs, creates and acts on agreements of a network. */

import type { Command } from "commander";

import { acting, answering, looking, type AsJson } from "./agreement/command.ts";
import { addKeyFlags, addPlaceFlags, addSendFlags } from "./agreement/commandFlags.ts";
import type { CreateFlags } from "./agreement/create.ts";
import { registerJointActs } from "./agreement/jointCommands.ts";
import type { SignFlags } from "./agreement/sign.ts";
import type { StatementFlags } from "./agreement/statement.ts";
import { addVenueFlags } from "./venueFlags.ts";

export function registerAgreement(program: Command): void {
  const agreement = program.command("agreement").description("Agreements on a network: sign, create, fund, look, act");
  registerMaking(agreement);
  registerMoney(agreement);
  registerDispute(agreement);
  registerEnds(agreement);
  registerJointActs(agreement);
  registerViews(agreement);
}

function registerMaking(agreement: Command): void {
  const sign = agreement
    .command("sign")
    .description("Sign a term sheet as one of its parties; works without a network")
    .requiredOption("--terms <file>", "the term sheet");
  addKeyFlags(addVenueFlags(sign))
    .option("--party <name>", "the party to sign for, when the key is not its address (a wallet that is a contract)")
    .option("--out <file>", "write the signature there (default: standard output)")
    .option("--json", "print one JSON document")
    .action(async ({ json, ...flags }: SignFlags & AsJson) => {
      const { signTerms } = await import("./agreement/sign.ts");
      await answering(json, () => signTerms(flags));
    });

  const create = agreement
    .command("create")
    .description("Create the agreement that all parties have signed; anyone may")
    .requiredOption("--terms <file>", "the term sheet")
    .requiredOption("--signatures <path...>", "signature files, or folders of them");
  addSendFlags(addVenueFlags(create))
    .option("--json", "print one JSON document")
    .action(async ({ json, ...flags }: CreateFlags & AsJson) => {
      const { createAgreement } = await import("./agreement/create.ts");
      await answering(json, () => createAgreement(flags));
    });
}

function registerMoney(agreement: Command): void {
  const fund = agreement
    .command("fund")
    .description("Pay tokens of the key's address into a party's account")
    .requiredOption("--party <party>", "payer/NAME with --terms, else the account's position")
    .requiredOption("--amount <amount>", "in currency units, such as 100000.00");
  acting<{ party: string; amount: string }>(fund, async (subject, sender, flags) => {
    const money = await import("./agreement/money.ts");
    return money.fund(subject, sender, flags);
  });

  const withdraw = agreement
    .command("withdraw")
    .description("Send free balance of the key's account to an address")
    .option("--amount <amount>", "in currency units")
    .option("--all", "all that is free")
    .option("--to <address>", "who receives it (default: the key's address)")
    .option("--party <party>", "the account, when the key holds several");
  acting<{ party?: string; amount?: string; all?: true; to?: string }>(withdraw, async (subject, sender, flags) => {
    const money = await import("./agreement/money.ts");
    return money.withdraw(subject, sender, flags);
  });
}

interface ReportFlags {
  readonly clause: string;
  readonly cohort?: string;
  readonly number?: string;
}

function registerDispute(agreement: Command): void {
  const challenge = addPlaceFlags(
    agreement.command("challenge").description("Dispute a pending report against the bond, for the key's account"),
  )
    .option("--number <n>", "the report; may be left out when one is pending")
    .option("--party <party>", "the account, when the key holds several");
  acting<ReportFlags & { party?: string }>(challenge, async (subject, sender, flags) => {
    const dispute = await import("./agreement/dispute.ts");
    return dispute.challenge(subject, sender, flags);
  });

  const rule = addPlaceFlags(
    agreement.command("rule").description("Rule on a challenged report with the arbiter's key"),
  )
    .option("--number <n>", "the report; may be left out when one is pending")
    .option("--uphold", "it stands: it settles at once")
    .option("--reject", "it is void");
  acting<ReportFlags & { uphold?: true; reject?: true }>(rule, async (subject, sender, flags) => {
    const dispute = await import("./agreement/dispute.ts");
    return dispute.rule(subject, sender, flags);
  });
}

function registerEnds(agreement: Command): void {
  const settle = addPlaceFlags(
    agreement
      .command("settle")
      .description("Settle a report after its window, or what the contract knows by itself; anyone may"),
  ).option("--number <n>", "the report; may be left out when one is pending");
  acting<ReportFlags>(settle, async (subject, sender, flags) => {
    const ends = await import("./agreement/settle.ts");
    return ends.settle(subject, sender, flags);
  });

  const lapse = addPlaceFlags(
    agreement.command("lapse").description("Count the overdue as not evaluable: nobody reported in time; anyone may"),
  );
  acting<ReportFlags>(lapse, async (subject, sender, flags) => {
    const ends = await import("./agreement/settle.ts");
    return ends.lapse(subject, sender, flags);
  });
}

function registerViews(agreement: Command): void {
  looking(
    agreement.command("status").description("Show accounts, cohorts, clauses and pending reports"),
    async (subject) => (await import("./agreement/status.ts")).status(subject),
  );
  looking<StatementFlags>(
    agreement
      .command("statement")
      .description("List every movement of money with its transaction")
      .option("--from-block <n>", "block of the agreement's creation, or any before it (default: 0)")
      .option("--log-range <n>", "blocks of which the node serves logs in one call (default: 10000)"),
    async (subject, flags) => (await import("./agreement/statement.ts")).statement(subject, flags),
  );
}
