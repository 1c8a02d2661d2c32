// The jobs of ml-pipeline.yml on this repository as it is committed, `npm ci` and all nine trainings included, in fresh clones:
// a push, a second push of the same commit, and the proof of the lock. Prints what each took and executed; the second push must
// execute nothing. node test/torture/workflow.ts: minutes, and the packages come from the registry or npm's cache.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWorkflow, runJob } from '../rig/github-job.ts';
import type { GithubHost, JobEnd } from '../rig/github-job.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'torture-workflow-')));
const workflow = readWorkflow(readFileSync(join(ROOT, '.github/workflows/ml-pipeline.yml'), 'utf8'));
// A linked work tree cannot be cloned by a machine that sees only itself.
const repository = join(folder, 'repository');
spawnSync('git', ['clone', '--quiet', ROOT, repository], { stdio: 'inherit' });

const wrong: string[] = [];
// All of it: what npm needs to reach its registry is different on every machine.
const env = Object.fromEntries(
  Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
);

function job(
  what: string,
  name: string,
  event: GithubHost['event'],
  expected: Readonly<Record<string, string>>,
): JobEnd {
  const startedMs = performance.now();
  const end = runJob(workflow, name, { repository, event, folder: join(folder, 'github'), env }, {});
  const outputs = end.outputs['repro'] ?? {};
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const { ran = '-', restored = '-', fresh = '-' } = outputs;
  console.log(`${what}: ${end.result} in ${seconds} s; ${ran} ran, ${restored} restored, ${fresh} fresh`);
  for (const { step, outcome, output } of end.steps)
    if (outcome === 'failure') console.log(`${step.run ?? step.uses ?? ''}\n${output}`);
  const isExpected = Object.entries(expected).every(([key, value]) => outputs[key] === value);
  if (end.result !== 'success' || !isExpected) wrong.push(what);
  return end;
}

job('first push', 'pipeline', 'push', { 'exit-code': '0', restored: '0' });
job('second push', 'pipeline', 'push', { 'exit-code': '0', ran: '0' });
job('proof', 'proof', 'schedule', {});
rmSync(folder, { recursive: true, force: true });
console.log(`workflow: ${wrong.length} wrong results${wrong.length === 0 ? '' : ` (${wrong.join(', ')})`}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
