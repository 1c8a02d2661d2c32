// Kills a tuning study with SIGKILL at random moments until it is done, many times over; the report must have the bytes
// of a study that was never stopped, and the journal must hold each trial's end once.
//   node test/torture/tune-kill.ts [ROUNDS] [SEED]
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mersenne } from '../../src/ml/mersenne.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'test/ml/fixtures/tune-objective.js');
const TRIALS = 16;
const rounds = Number(process.argv[2] ?? 5);
const generator = new Mersenne(Number(process.argv[3] ?? 1));
const folder = mkdtempSync(join(tmpdir(), 'tune-kill-'));

try {
  const space = { x: { kind: 'float', low: -5, high: 5 }, n: { kind: 'int', low: 1, high: 8 } };
  writeFileSync(join(folder, 'space.json'), JSON.stringify(space));
  if (spawnSync(process.execPath, argsFor('whole.json'), { cwd: folder, stdio: 'inherit' }).status !== 0) {
    throw new Error('the study fails even when nothing kills it');
  }
  const expected = readFileSync(join(folder, 'whole.json'), 'utf8');
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    const journal = `journal-${round}`;
    while (await diesAfter(1 + generator.below(24), generator.random() * 40, journal, round)) kills += 1;
    if (readFileSync(join(folder, `out-${round}.json`), 'utf8') !== expected)
      throw new Error(`round ${round}: other bytes`);
    const ends = readFileSync(join(folder, journal), 'utf8').match(/"op":"end"/g) ?? [];
    if (ends.length !== TRIALS) throw new Error(`round ${round}: ${ends.length} trials ended, not ${TRIALS}`);
  }
  console.log(`tune: ${kills} kills in ${rounds} studies, every report as if there had been none`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function argsFor(out: string, ...more: string[]): string[] {
  const objective = `exec "${process.execPath}" "${PROGRAM}"`;
  const what = ['--space', 'space.json', '--objective', objective, '--trials', String(TRIALS), '--seed', '5'];
  return [join(ROOT, 'stages/tune.ts'), ...what, '--out', out, ...more];
}

/** Kills a study when its journal has grown that many times, and a little later. Was it killed before it was done? */
function diesAfter(appends: number, laterMs: number, journal: string, round: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = argsFor(`out-${round}.json`, '--journal', journal);
    let left = appends;
    const watcher = watch(folder, (_event, name) => {
      if (name === journal && --left === 0) setTimeout(() => child.kill('SIGKILL'), laterMs);
    });
    // Orphaned objectives complain about their closed input; nobody needs to read that.
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' });
    child.on('exit', (code, signal) => {
      watcher.close();
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`the study exited with code ${code}`));
    });
  });
}
