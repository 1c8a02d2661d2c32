// A watch under a user who never rests: edits at random moments, stages of random length, in a real process with the real
// watcher. Ends with the counts of lost updates and of orphans, which must be 0, and the memory of the watch over time.
// node test/torture/watch.ts [edits] [seed]
import { readFileSync, renameSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../rig/random.ts';
import { run } from '../rig/in-process.ts';
import { processesWith } from '../rig/processes.ts';
import { Workspace } from '../rig/workspace.ts';

const [edits = 2000, seed = 1] = process.argv.slice(2).map(Number);
const random = new Random(seed);
const sleep = (most: number): string => `sleep 0.$(printf %03d $(( $(od -An -N2 -tu2 /dev/urandom) % ${most} )))`;

/** The command of `late` changes from edit to edit. */
const pipeline = (word: number): string => `stages:
  one: { cmd: "cat one.txt > one; ${sleep(300)}", deps: [one.txt], outs: [one] }
  two: { cmd: "cat one src/*.txt > two; ${sleep(100)}", deps: [one, "src/*.txt"], outs: [two] }
  may: { cmd: "! grep -q bad may.txt; cat may.txt > may; ${sleep(50)}", deps: [may.txt], outs: [may] }
  late: { cmd: "echo ${word} > late; cat two >> late", deps: [two], params: [n], outs: [late] }
`;

const work = new Workspace({
  'pipeline.yaml': pipeline(0),
  'params.yaml': 'n: 0\n',
  'one.txt': '0\n',
  'may.txt': '0\n',
  'src/a.txt': '0\n',
});
const watch = work.start(['watch', '--reporter', 'json', '-j2'], { code: 'any' });
const startMs = performance.now();
const memory: number[] = [];
let word = 0;

function residentMiB(): number {
  const text = readFileSync(`/proc/${watch.pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024;
}

function edit(i: number): void {
  switch (random.below(9)) {
    case 0:
      return work.write({ 'may.txt': random.below(2) === 0 ? `bad ${i}\n` : `good ${i}\n` });
    case 1:
      return work.write({ [`src/${random.below(4)}.txt`]: `${i}\n` });
    case 2:
      return work.remove(`src/${random.below(4)}.txt`);
    case 3:
      word = i;
      return work.write({ 'pipeline.yaml': pipeline(i) });
    case 4:
      return work.write({ 'params.yaml': `n: ${i}\n` });
    case 5:
      if (random.below(4) === 0) work.write({ 'pipeline.yaml': 'stages: [\n' });
      return;
    case 6:
      work.write({ 'one.txt~': `${i}\n` });
      return renameSync(work.path('one.txt~'), work.path('one.txt'));
    case 7:
      return work.write({ [['one', 'two', 'late'][random.below(3)] ?? 'one']: 'by hand\n' });
    default:
      return work.write({ 'one.txt': `${i}\n` });
  }
}

for (let i = 1; i <= edits; i++) {
  edit(i);
  // Sometimes at once, sometimes within a run, sometimes after it.
  const pause = random.below(10);
  await wait(pause < 3 ? 0 : pause < 8 ? random.below(150) : random.below(900));
  if (i % Math.ceil(edits / 20) === 0) memory.push(residentMiB());
}
work.write({ 'may.txt': 'good\n', 'pipeline.yaml': pipeline(word) });

const events = (): { kind: string; stage?: string; outcome?: string }[] =>
  watch
    .output()
    .stdout.split('\n')
    .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as { kind: string }] : []));
const wrong: string[] = [];

/** No event for so long: longer than any stage, shorter than a scan without a hint. */
for (let before = -1, now = 0; before !== now; before = now, now = watch.output().stdout.length) await wait(3000);
const sources = [0, 1, 2, 3].map((n) => `src/${n}.txt`).filter((path) => work.exists(path));
const two = `${work.read('one.txt')}${sources.map((path) => work.read(path)).join('')}${work.read('src/a.txt')}`;
if (work.read('late') !== `${word}\n${two}`)
  wrong.push(`late holds ${JSON.stringify(work.read('late'))}, not ${word} and ${two}`);
if (work.read('may') !== 'good\n') wrong.push(`may holds ${JSON.stringify(work.read('may'))}`);
const settledMs = performance.now() - startMs;
const seen = events();
let running = 0;
for (const { kind } of seen) {
  if (kind === 'run-started') running += 1;
  if (kind === 'run-ended') running -= 1;
  if (running > 1) wrong.push('two runs at once');
}
const fresh = await run(work);
if (fresh.started.length > 0) wrong.push(`a run of its own still runs ${fresh.started.join(', ')}`);
watch.kill('SIGINT');
const { code } = await watch.ended;
if (code !== 130) wrong.push(`exit code ${code}`);
const orphans = processesWith(`PWD=${work.root}`).length;
const count = (kind: string): number => seen.filter((event) => event.kind === kind).length;
await work.dispose();
for (const each of wrong) console.log(each);
console.log(`memory of the watch (MiB): ${memory.map((mib) => mib.toFixed(0)).join(' ')}`);
console.log(
  `watch: ${edits} edits in ${(settledMs / 1000).toFixed(0)} s, ${count('run-started')} runs, ${count('stage-started')} stages started, ${count('watch-queued')} queued, ${count('watch-broken')} times broken, seed ${seed}: ${wrong.length} lost updates, ${orphans} orphans`,
);
process.exitCode = wrong.length + orphans === 0 ? 0 : 1;
