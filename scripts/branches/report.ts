import type { Coverage } from "./measure.ts";

/** Per cent of lines, and of outcomes of conditions, that the contracts' tests have to reach. */
export const FLOOR = 95;

export interface Report {
  readonly text: string;
  /** What lies under the floor. */
  readonly problems: readonly string[];
}

export function coverageReport(files: readonly Coverage[]): Report {
  const sum = (of: (file: Coverage) => number) => files.reduce((total, file) => total + of(file), 0);
  const lines = share(
    sum((file) => file.lines),
    sum((file) => file.missedLines.length),
  );
  const branches = share(
    sum((file) => file.outcomes),
    sum((file) => file.missedOutcomes.length),
  );
  const rows = files.flatMap((file) => [
    `${share(file.lines, file.missedLines.length).text} ${share(file.outcomes, file.missedOutcomes.length).text}  ${file.path}`,
    ...file.missedLines.map((line) => `${" ".repeat(18)}${file.path}:${line} never ran`),
    ...file.missedOutcomes.map(
      ({ line, condition, never }) => `${" ".repeat(18)}${file.path}:${line} never ${never}: ${condition}`,
    ),
  ]);
  return {
    text: ["   lines  branches", ...rows, `${lines.text} ${branches.text}  all`].join("\n"),
    problems: [
      ...(files.length === 0 ? ["no contract was measured"] : []),
      ...(lines.percent < FLOOR ? [`lines: ${lines.text.trim()}, the floor is ${FLOOR} %`] : []),
      ...(branches.percent < FLOOR ? [`branches: ${branches.text.trim()}, the floor is ${FLOOR} %`] : []),
    ],
  };
}

function share(all: number, missed: number): { percent: number; text: string } {
  const percent = all === 0 ? 100 : ((all - missed) * 100) / all;
  return { percent, text: `${percent.toFixed(2)} %`.padStart(8) };
}
