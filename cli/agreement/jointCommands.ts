/** Registers what needs every party's signature, and the hand-over of an account. */

import type { Command } from "commander";

import { acting, onSubject, type AsJson } from "./command.ts";
import { addPlaceFlags, addSendFlags, addSubjectFlags } from "./commandFlags.ts";
import type { Answer } from "./answer.ts";
import type { AgreeFlags, AppointFlags } from "./joint.ts";
import type { JointFlags } from "./jointAct.ts";
import type { Subject, SubjectFlags } from "./subject.ts";

export function registerJointActs(agreement: Command): void {
  joint(
    agreement.command("terminate").description("End enrolment; what is outstanding runs off"),
    async (subject, flags: JointFlags) => (await import("./joint.ts")).terminate(subject, flags),
  );
  joint(
    addPlaceFlags(agreement.command("agree").description("Settle patients without an outcome, or a wager, at a total"))
      .option("--patients <n>", "patients of a milestone, those enrolled first; none for a wager")
      .requiredOption("--total <amount>", "what the clause's first side pays the other; --total=-100 the other way"),
    async (subject, flags: AgreeFlags) => (await import("./joint.ts")).agree(subject, flags),
  );
  joint(
    agreement
      .command("release")
      .description("Move free balance between accounts")
      .requiredOption(
        "--move <from-to-amount...>",
        "FROM TO AMOUNT, as often as needed; FROM nobody: tokens of no account",
      ),
    async (subject, flags: JointFlags & { move: readonly string[] }) =>
      (await import("./joint.ts")).release(subject, flags),
  );
  joint(
    agreement
      .command("appoint")
      .description("Replace the oracle from the next report on, the arbiter from the next ruling on")
      .option("--oracle <address>", "the new oracle")
      .option("--arbiter <address>", "the new arbiter"),
    async (subject, flags: AppointFlags) => (await import("./joint.ts")).appoint(subject, flags),
  );
  const assign = agreement
    .command("assign")
    .description("Hand the key's account over to another address")
    .requiredOption("--to <address>", "who holds it from now on")
    .option("--party <party>", "the account, when the key holds several");
  acting<{ to: string; party?: string }>(assign, async (subject, sender, flags) =>
    (await import("./joint.ts")).assign(subject, sender, flags),
  );
}

/** A command of two turns: each party signs, then anyone sends. */
function joint<Flags extends JointFlags>(
  command: Command,
  act: (subject: Subject, flags: Flags) => Promise<Answer>,
): void {
  const description = `${command.description()}, by all parties' signatures`;
  addSendFlags(addSubjectFlags(command.description(description)))
    .requiredOption("--last-day <date>", "last day on which it can be sent; the same for everybody")
    .option("--signatures <path...>", "send it: signature files of all parties, or folders of them (default: sign it)")
    .option("--party <party>", "the party to sign for, when the key is not its address (a wallet that is a contract)")
    .option("--out <file>", "write the signature there (default: standard output)")
    .action(async (flags: SubjectFlags & AsJson & Flags) => onSubject(flags, (subject) => act(subject, flags)));
}
