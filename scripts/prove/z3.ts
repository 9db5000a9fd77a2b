import { execFileSync, spawn } from "node:child_process";

/** What the solver wrote: `sat` with a model, `unsat`, `unknown` or `timeout`. */
export type Verdict = string;

/** Seconds for one question; those of the claims take a fraction of one. */
const TIMEOUT = 30;
const AT_ONCE = 2;

/** `4.8.12`, or null where there is no z3. */
export function z3Version(): string | null {
  try {
    return /\d+\.\d+\.\d+/.exec(execFileSync("z3", ["--version"], { encoding: "utf8" }))?.[0] ?? null;
  } catch {
    return null;
  }
}

const known = new Map<string, Verdict>();

/** Answers questions in SMT-LIB 2, each asked once in a process. */
export async function solveAll(queries: Readonly<Record<string, string>>): Promise<Record<string, Verdict>> {
  const open = Object.entries(queries);
  const answers: Record<string, Verdict> = {};
  const work = async () => {
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [key, query] = next;
      const answer = known.get(query) ?? (await solve(query));
      known.set(query, answer);
      answers[key] = answer;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

function solve(query: string): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const solver = spawn("z3", ["-smt2", "-in", `-T:${TIMEOUT}`], { stdio: ["pipe", "pipe", "ignore"] });
    let answer = "";
    solver.stdout.setEncoding("utf8").on("data", (text: string) => (answer += text));
    solver.on("error", reject).on("close", () => resolve(answer));
    solver.stdin.end(query);
  });
}
