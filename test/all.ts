// `npm test`: types, lint and format beside each other, then the tests; one closing line with the counts. The build has been made.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const CHECKS: readonly Check[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['oxfmt', '--check'] },
];

function run({ name, command }: Check, show: boolean): Promise<boolean> {
  const [file = '', ...args] = command;
  const child = spawn(join(BIN, file), args, { cwd: ROOT, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}`);
      if (code !== 0 && !show) console.log(Buffer.concat(output).toString());
      resolve(code === 0);
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), 'repro-test-'));
const report = join(folder, 'report.json');
const extra = process.argv.slice(2);
const checks = await Promise.all(CHECKS.map((check) => run(check, false)));
const tests = {
  name: 'tests',
  command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...extra],
};
const passed = await run(tests, true);

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const counts = JSON.parse(readFileSync(report, 'utf8')) as Report;
rmSync(folder, { recursive: true });
const failedChecks = checks.filter((ok) => !ok).length;
const skipped = counts.numPendingTests > 0 ? `, ${counts.numPendingTests} skipped` : '';
console.log(
  `${counts.numPassedTests + checks.length - failedChecks} passed, ${counts.numFailedTests + failedChecks} failed${skipped}`,
);
process.exitCode = passed && failedChecks === 0 ? 0 : 1;
