// A runner that knows nothing and keeps nothing: it always runs every stage, in order, in a folder of its own. What it
// makes is the truth that `repro` is compared with. A stage that fails gets its old outs back, and what reads it is passed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandOf, nested, upstreamOf } from './plan.ts';
import type { ParamValues, StageModel } from './plan.ts';

export interface NaiveRun {
  /** Positions of the stages that failed by themselves. */
  readonly failed: ReadonlySet<number>;
  /** Those that were passed because something upstream failed. */
  readonly passed: ReadonlySet<number>;
}

/** `aside` is a folder beside the project. */
export function runNaively(
  root: string,
  aside: string,
  stages: readonly StageModel[],
  selected: readonly number[],
  params: ParamValues,
  env: Record<string, string>,
): NaiveRun {
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside);
  const script = selected.map((at) => stageScript(stages, at, aside, params)).join('\n');
  for (const at of selected) {
    const stage = stages[at];
    if (stage !== undefined && stage.params.length > 0) {
      writeFileSync(join(aside, `${at}.json`), `${JSON.stringify(nested(params, stage.params), null, 2)}\n`);
    }
  }
  const ran = spawnSync('/bin/sh', ['-c', script], { cwd: root, env, encoding: 'utf8' });
  if (ran.status !== 0 || ran.stderr !== '') throw new Error(`the naive runner: ${ran.stderr}\n${script}`);
  const words = ran.stdout.split('\n').map((line) => line.split(' '));
  const those = (verb: string): Set<number> =>
    new Set(words.filter(([first]) => first === verb).map(([, at]) => Number(at)));
  return { failed: those('failed'), passed: those('passed') };
}

function stageScript(stages: readonly StageModel[], at: number, aside: string, params: ParamValues): string {
  const stage = stages[at];
  if (stage === undefined) throw new Error(`there is no stage ${at}`);
  const outs = stage.outs.map((out) => out.path);
  const command = commandOf(stage, (key) => String(params[key]));
  const moves = outs.map((path, n) => `if [ -e ${path} ]; then mv ${path} ${aside}/${at}.${n}; fi`);
  const backs = outs.map(
    (path, n) => `rm -rf ${path}; if [ -e ${aside}/${at}.${n} ]; then mv ${aside}/${at}.${n} ${path}; fi`,
  );
  const parents = [...new Set(outs.map((path) => dirname(path)))].map((path) => `mkdir -p ${path}`);
  const ups = upstreamOf(stages, at);
  return [
    `if [ -n "${ups.map((up) => `$bad${up}`).join('')}" ]; then bad${at}=1; echo passed ${at}; else`,
    ...parents,
    ...moves,
    `if (set -e; cd ${stage.wdir}; REPRO_PARAMS=${aside}/${at}.json; ${command}); then echo ran ${at}; else`,
    `bad${at}=1; echo failed ${at}`,
    ...backs,
    'fi; fi',
  ].join('\n');
}
