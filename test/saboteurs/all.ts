// `npm run saboteurs [NAME...]`: breaks a copy of the repository in one place after the other and runs the test that must
// find it. Exit code 1 when a saboteur survives, or when a test does not pass before anything is broken.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SABOTEURS } from './saboteurs.ts';
import type { Saboteur } from './saboteurs.ts';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** Only tests that ran are counted: a patch that is no program fails no test. */
function runTests(folder: string, { test }: Saboteur): Counts {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const pattern = test.name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const args = [
    'run',
    test.file,
    '-t',
    `^${pattern}`,
    '--reporter=json',
    `--outputFile=${report}`,
    '--testTimeout=60000',
  ];
  spawnSync(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: folder, stdio: 'ignore' });
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

function sabotage(folder: string, saboteur: Saboteur): string {
  const before = runTests(folder, saboteur);
  if (before.passed === 0 || before.failed > 0) return 'NO TEST: it does not pass as it is';
  const path = join(folder, saboteur.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(saboteur.find).length !== 2) return 'NO PLACE: the patch does not apply';
  writeFileSync(
    path,
    text.replace(saboteur.find, () => saboteur.replace),
  );
  const after = runTests(folder, saboteur);
  writeFileSync(path, text);
  if (after.failed > 0) return 'found';
  return after.passed > 0 ? 'SURVIVED' : 'NO PROGRAM: nothing ran with the patch';
}

const folder = mkdtempSync(join(tmpdir(), 'repro-saboteurs-'));
try {
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const wanted = process.argv.slice(2);
  const chosen = SABOTEURS.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));
  let found = 0;
  for (const saboteur of chosen) {
    const verdict = sabotage(folder, saboteur);
    if (verdict === 'found') found += 1;
    console.log(`${verdict.padEnd(8)}  ${saboteur.name}  (${saboteur.test.file}: ${saboteur.test.name})`);
  }
  console.log(`${found} of ${chosen.length} saboteurs found`);
  process.exitCode = found === chosen.length && found > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
