// Makes docs/recording.txt: what the real program shows in a terminal of 80 columns, on a first run, with nothing to do,
// after a change, and when a stage fails. The colours are gone, the durations are as they were. `npm run recording`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalRun } from '../test/rig/pseudo-terminal.ts';
import { Workspace } from '../test/rig/workspace.ts';

const FILE = join(import.meta.dirname, '../docs/recording.txt');
const SIZE = { columns: 80, rows: 24 };

const PIPELINE = `stages:
  prepare:
    cmd: sleep 0.5; sort in.csv > data.csv
    deps: [in.csv]
    outs: [data.csv]
  train:
    matrix: { model: [forest, ridge] }
    cmd: sh train.sh \${item.model}
    deps: [train.sh, data.csv]
    params: [rate]
    outs: ["\${item.model}.model"]
    metrics: ["\${item.model}.json"]
    checks: [r2 > 0.7]
  report:
    cmd: cat forest.json ridge.json > report.txt
    deps: [forest.json, ridge.json]
    outs: [report.txt]
`;

const TRAIN = `for step in 1 2 3; do echo "$1: step $step of 3"; sleep 0.7; done
[ "$1" = forest ] && sleep 1
wc -l < data.csv > "$1.model"
echo '{"r2": 0.83}' > "$1.json"
`;

const workspace = new Workspace({
  'pipeline.yaml': PIPELINE,
  'params.yaml': 'rate: 0.1\n',
  'in.csv': '3,c\n1,a\n2,b\n',
  'train.sh': TRAIN,
});
const lines: string[] = [];

try {
  say('$ cat pipeline.yaml', PIPELINE.trimEnd());
  await record([], /step 2/);
  await record([]);
  change('rate: 0.05', 'params.yaml', 'rate: 0.05\n');
  await record(['status']);
  await record(['why', 'train@ridge']);
  await record([], /step 3/);
  const broken = TRAIN.replace(
    'wc -l',
    '[ "$1" = ridge ] && echo "cannot read data.csv: row 2 has no label" >&2 && exit 1\nwc -l',
  );
  workspace.write({ 'train.sh': broken });
  say('$ $EDITOR train.sh', '');
  await record([]);
  await record(['runs']);
  const { runs } = JSON.parse((await workspace.repro(['runs', '--json'])).stdout) as { runs: { runId: string }[] };
  await record(['runs', runs.at(-1)?.runId ?? '']);
  writeFileSync(FILE, `${lines.join('\n').trimEnd()}\n`);
  process.stdout.write(`${FILE}\n`);
} finally {
  await workspace.dispose();
}

function say(command: string, output: string): void {
  lines.push(command, ...(output === '' ? [] : [output]), '');
}

function change(text: string, file: string, content: string): void {
  workspace.write({ [file]: content });
  say(`$ echo '${text}' > ${file}`, '');
}

/** The end of the run; with `moment` also what the screen showed when it first matched. */
async function record(args: readonly string[], moment?: RegExp): Promise<void> {
  const run = new TerminalRun(workspace, args, SIZE);
  const command = ['$ repro', ...args].join(' ');
  if (moment) {
    await run.waitFor(moment);
    lines.push(command, await run.screen(), '', '[a moment later]');
  }
  await run.ended;
  const shown = await run.history();
  if (moment) lines.push(shown, '');
  else say(command, shown);
  await run.end();
}
