/** How a command of one agreement runs: its subject opened, its answer printed, refusals in plain words. */

import type { Command } from "commander";

import type { Answer } from "./answer.ts";
import { addSendFlags, addSubjectFlags, type ActFlags } from "./commandFlags.ts";
import type { Account } from "./send.ts";
import type { Subject, SubjectFlags } from "./subject.ts";

export interface AsJson {
  readonly json?: true;
}

/** A command that reads. */
export function looking<Flags>(command: Command, look: (subject: Subject, flags: Flags) => Promise<Answer>): void {
  addSubjectFlags(command).action(async (flags: SubjectFlags & AsJson & Flags) => {
    await onSubject(flags, (subject) => look(subject, flags));
  });
}

/** A command that sends. */
export function acting<Flags>(
  command: Command,
  act: (subject: Subject, sender: Account, flags: Flags) => Promise<Answer>,
): void {
  addSendFlags(addSubjectFlags(command)).action(async (flags: ActFlags & Flags) => {
    const { openAccount } = await import("./send.ts");
    await onSubject(flags, async (subject) => act(subject, await openAccount(subject.provider, flags), flags));
  });
}

export async function onSubject(
  flags: SubjectFlags & AsJson,
  run: (subject: Subject) => Promise<Answer>,
): Promise<void> {
  const [{ openSubject }, { inPlainWords }] = await Promise.all([import("./subject.ts"), import("./answer.ts")]);
  await answering(flags.json, async () => {
    const subject = await openSubject(flags);
    try {
      return await inPlainWords(subject.words, () => run(subject));
    } finally {
      subject.provider.destroy();
    }
  });
}

export async function answering(json: true | undefined, act: () => Promise<Answer>): Promise<void> {
  const answer = await import("./answer.ts");
  await answer.answering(json === true, act);
}
