// Our loader against the real DVC: for each text of bench/dvc/load-cases.json, what DVC 3.67.1 loaded or that it refused
// (recorded by bench/dvc/load-answers.py), and what we make of it. Every difference is listed here with its reason.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderProblems } from '../../src/base/problem-text.ts';
import { toPlain } from '../../src/base/value.ts';
import type { Pipeline, Stage } from '../../src/config/stage.ts';
import { load } from './memory.ts';

interface DvcStage {
  readonly deps: readonly string[];
  readonly params: Readonly<Record<string, readonly string[]>>;
}

interface Answer {
  readonly text: string;
  readonly error?: string;
  readonly stages?: Readonly<Record<string, DvcStage>>;
}

const ANSWERS = readFileSync(join(import.meta.dirname, 'fixtures/dvc-load.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Answer);

const VALUES = 'd: sub\nl: [p, q]\nn: 5\nt: true\nm: {k: 1}\n';

/** Texts that we treat otherwise than DVC, and why. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'stages: {a: {cmd: x, outs: [.repro/x]}}': 'the folder is ours, whatever the dialect',
  'stages: {a: {cmd: [3, true, 1.5]}}': 'we read texts; DVC stops when it runs them',
  'stages: {a: {cmd: [x, [y]]}}': 'we read texts; DVC stops when it runs them',
  'stages: {a: {cmd: "${n}"}}': 'DVC stops when it runs a number',
  'stages: {a: {cmd: "${t}"}}': 'DVC stops when it runs a boolean',
  'stages: {a: {cmd: x, deps: ["https://example.org/a.csv"]}}': 'files outside the machine are not supported',
};

/** What is named twice counts once with us: it has the same meaning. */
function withoutRepeats(stages: Readonly<Record<string, DvcStage>>): unknown {
  const once = (names: readonly string[]): string[] => [...new Set(names)];
  const entries = Object.entries(stages).map(([name, stage]) => {
    const params = Object.fromEntries(Object.entries(stage.params).map(([file, keys]) => [file, once(keys)]));
    return [name, { ...stage, deps: once(stage.deps), params }];
  });
  return Object.fromEntries(entries);
}

function describeStage(stage: Stage): unknown {
  return {
    cmd: stage.script ? stage.cmd[0] : stage.cmd,
    wdir: stage.wdir,
    deps: stage.deps.map((dep) => dep.path),
    params: Object.fromEntries(stage.params.map((ref) => [ref.file, ref.keys])),
    outs: stage.outs.map((out) => ({
      path: out.path,
      kind: out.kind,
      cache: out.cache,
      persist: out.persist,
      push: out.push,
      plot: out.plot === undefined ? null : toPlain(out.plot),
    })),
    frozen: stage.frozen,
    always_changed: stage.alwaysChanged,
  };
}

function describePipeline(pipeline: Pipeline): unknown {
  return Object.fromEntries(pipeline.stages.map((stage) => [stage.name, describeStage(stage)]));
}

test.each(ANSWERS)('as DVC: $text', ({ text, stages }) => {
  const { pipeline, problems } = load({ 'dvc.yaml': text, 'params.yaml': VALUES }, { root: '/tmp/home/project' });
  const ours = pipeline ? describePipeline(pipeline) : 'refused';
  const theirs = stages ? withoutRepeats(stages) : 'refused';
  if (text in DIFFERENT) expect(ours).not.toEqual(theirs);
  else expect(ours, renderProblems(problems)).toEqual(theirs);
  if (!pipeline) for (const found of problems) expect(found.span?.file).toMatch(/^(?:dvc|params)\.yaml$/);
});
