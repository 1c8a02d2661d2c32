// 16 runners in 16 workspaces on one store, with gc beside them: every result right, and no record that names an object
// which is gone. node test/torture/soak.ts [seconds] [seed] [runners]: prints the count of wrong results, which must be 0.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { show } from '../rig/in-process.ts';
import { Workspace } from '../rig/workspace.ts';

const [seconds = 180, seed = 1, runners = 16] = process.argv.slice(2).map(Number);
const RUNNER = join(import.meta.dirname, 'soak-runner.ts');
const around = new Workspace({ 'pipeline.yaml': { stages: { none: { cmd: 'true', deps: ['pipeline.yaml'] } } } });
const store = join(around.outside, 'store');

interface Counts {
  readonly runs: number;
  readonly executed: number;
  readonly restored: number;
  readonly wrong: readonly string[];
}

function runner(n: number): Promise<Counts> {
  const child = spawn(process.execPath, [RUNNER, store, String(seconds), String(seed * 1000 + n)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const died = { runs: 0, executed: 0, restored: 0, wrong: [`runner ${n} ended with ${code}`] };
      resolve(code === 0 ? (JSON.parse(output) as Counts) : died);
    });
  });
}

const all = await Promise.all(Array.from({ length: runners }, (_, n) => runner(n)));
const wrong = all.flatMap((counts) => counts.wrong);
await show(around, ['fsck'], { env: { REPRO_STORE: store } }).catch((error: unknown) => wrong.push(String(error)));
for (const each of wrong.slice(0, 20)) console.log(each);
await around.dispose();
const sum = (key: 'runs' | 'executed' | 'restored'): number => all.reduce((total, counts) => total + counts[key], 0);
console.log(
  `soak: ${runners} runners, ${seconds} s, ${sum('runs')} runs, ${sum('executed')} stages executed, ${sum('restored')} restored, seed ${seed}: ${wrong.length} wrong results`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
