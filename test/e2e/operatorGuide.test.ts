/** The operators' guide, run as it stands. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Block {
  /** `sh`, `text`, … */
  readonly info: string;
  readonly body: string;
}

/** Fenced blocks, in order. */
function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = "", body = ""]) => ({ info, body }));
}

/** A line of the guide; `…` stands for anything. */
function patternOf(line: string): RegExp {
  return new RegExp(line.split("…").map(literally).join(".*"));
}

const literally = (part: string): string =>
  part
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\s+/g, "\\s+");

describe("docs/operator.md", function () {
  this.timeout(300_000);
  const blocks = blocksOf(readFileSync(join(ROOT, "docs/operator.md"), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "guide-"));
  after(() => rmSync(folder, { recursive: true }));

  it("leads from nothing to a settled report, and prints what it says", async () => {
    const script = ["set -euo pipefail", ...blocks.filter(({ info }) => info === "sh").map(({ body }) => body)];
    expect(script.length).to.be.greaterThan(5);
    // Only the installation is left out: the tests run in a project that is installed.
    const skipped = blocks.filter(({ info }) => info.startsWith("sh ")).map(({ body }) => body.trim());
    expect(skipped).to.deep.equal(['npx -y -p node@24.21.0 -c "npm ci"']);

    const child = spawn("bash", ["-c", script.join("\n")], {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    // Whatever the guide leaves running when one of its commands fails.
    after(() => {
      try {
        process.kill(-(child.pid ?? 0), "SIGKILL");
      } catch {
        // All of it has ended.
      }
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    expect(status, stderr).to.equal(0);
    const printed = stdout.split("\n");
    let at = 0;
    for (const line of blocks.filter(({ info }) => info === "text").flatMap(({ body }) => body.trim().split("\n"))) {
      const found = printed.findIndex((it, i) => i >= at && patternOf(line).test(it));
      expect(found, `not printed, or not in this order: ${line}\n${stdout}`).to.be.at.least(0);
      at = found;
    }
  });
});
