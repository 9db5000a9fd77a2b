/** The project's own tests, each to be run at will, again and again, in one process. */

import Mocha from "mocha";

export interface TestCase {
  readonly title: string;
  /** Title of the suite right around it. */
  readonly suite: string;
  readonly file: string;
  /** Runs it with the hooks around it; rejects when it fails, or when it takes too long. */
  readonly run: (milliseconds: number) => Promise<void>;
}

export class TimeOut extends Error {}

/** Loads test files with mocha, whose runner can neither choose the order of single tests nor stop at the first failure of each. */
export async function loadTests(files: readonly string[]): Promise<TestCase[]> {
  const mocha = new Mocha();
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const found: TestCase[] = [];
  collect(mocha.suite, [], found);
  return found;
}

interface Hooks {
  readonly before: (() => Promise<void>)[];
  readonly each: Hook[];
  readonly afterEach: Hook[];
}

type Hook = (context: object) => Promise<void>;
type Callable = { readonly fn?: unknown };
/** What mocha keeps of a suite's hooks. */
type SuiteHooks = Readonly<Record<"_beforeAll" | "_beforeEach" | "_afterEach", readonly Callable[] | undefined>>;

function collect(suite: Mocha.Suite, above: readonly Hooks[], found: TestCase[]): void {
  const { _beforeAll, _beforeEach, _afterEach } = suite as unknown as SuiteHooks;
  const callable = (list: readonly Callable[] = []): Hook[] => list.map((hook) => (context) => call(hook, context));
  const own: Hooks = {
    before: (_beforeAll ?? []).map((hook) => once(() => call(hook, {}))),
    each: callable(_beforeEach),
    afterEach: callable(_afterEach),
  };
  const around = [...above, own];
  for (const test of suite.tests) {
    if (test.isPending()) continue;
    found.push({
      title: test.fullTitle(),
      suite: suite.fullTitle(),
      file: test.file ?? "",
      run: (milliseconds) => withTimeOut(() => runTest(test, around), milliseconds),
    });
  }
  for (const inner of suite.suites) collect(inner, around, found);
}

async function runTest(test: Mocha.Test, around: readonly Hooks[]): Promise<void> {
  // What a test asks of mocha: its time limit is ours.
  const context = { timeout: () => context, slow: () => context };
  for (const { before, each } of around) {
    for (const hook of before) await hook();
    for (const hook of each) await hook(context);
  }
  try {
    await call(test, context);
  } finally {
    for (const { afterEach } of around.toReversed()) for (const hook of afterEach) await hook(context);
  }
}

const call = async ({ fn }: Callable, context: object): Promise<void> => {
  if (typeof fn === "function") await (fn as (this: object) => unknown).call(context);
};

function once(run: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= run());
}

async function withTimeOut(run: () => Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeOut(`over ${milliseconds} ms`)), milliseconds);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
