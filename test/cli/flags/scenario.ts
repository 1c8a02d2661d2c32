// What a flag does, as data: a small project, a command without the flag and with it, and what is seen with it only or
// without it only. Seen is everything a user could see: exit code, both streams, and the files of the project.
import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { show } from '../../rig/in-process.ts';
import { project } from '../../rig/project.ts';
import { Workspace } from '../../rig/workspace.ts';
import type { Files } from '../../rig/workspace.ts';

export interface Scenario {
  /** Where they differ from those of SMALL. */
  readonly files?: Files;
  readonly before?: (workspace: Workspace) => unknown;
  /** Behind the verb, both times. */
  readonly args?: readonly string[];
  readonly flag: readonly string[];
  /** In place of the flag; nothing when unset. */
  readonly without?: readonly string[];
  /** Of the run without the flag, and of the one with it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly flagEnv?: Readonly<Record<string, string>>;
  /** Matches with the flag only. */
  readonly gains?: RegExp;
  /** Matches without the flag only. */
  readonly loses?: RegExp;
  /** How it is run and what is seen of it; in this process when unset. */
  readonly act?: Act;
}

export type Act = (
  workspace: Workspace,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => Promise<string>;
export type Scenarios = Readonly<Record<string, Scenario>>;

export const SMALL: Files = {
  'pipeline.yaml': `stages:
  get: { cmd: "echo got >> ran.log; echo getting; cp in.txt raw", deps: [in.txt], outs: [raw], desc: Fetches }
  train:
    cmd: cp score.json j.json
    deps: [raw, score.json]
    params: [lr]
    metrics: [j.json]
    checks: [r2 > 0.4]
  tell: { cmd: "echo told >> ran.log; cat j.json > out", deps: [j.json], outs: [out] }
`,
  'params.yaml': 'lr: 0.1\nspare: 1\n',
  'in.txt': 'x',
  'score.json': '{"r2": 0.5}',
  '.repro/x': '',
};

/** Runs it without and with the flag, and compares what is seen. */
export async function expectDifference(key: string, scenario: Scenario): Promise<void> {
  const verb = key.slice(0, key.indexOf(' '));
  const [without, withIt] = [await seenWith(verb, scenario, false), await seenWith(verb, scenario, true)];
  expect(scenario.gains ?? scenario.loses).toBeDefined();
  if (scenario.gains) {
    expect(withIt).toMatch(scenario.gains);
    expect(without).not.toMatch(scenario.gains);
  }
  if (scenario.loses) {
    expect(without).toMatch(scenario.loses);
    expect(withIt).not.toMatch(scenario.loses);
  }
}

async function seenWith(verb: string, scenario: Scenario, isWith: boolean): Promise<string> {
  const workspace = await placeFor(verb, scenario);
  const flags = isWith ? scenario.flag : (scenario.without ?? []);
  const words = scenario.args ?? [];
  // Behind the command that is added everything belongs to it.
  const args = [verb, ...(verb === 'add' ? [...flags, ...words] : [...words, ...flags])];
  const env = { ...scenario.env, ...(isWith && scenario.flagEnv) };
  const before = filesOf(workspace);
  const said = await (scenario.act ?? showing)(workspace, args, env);
  return `${said}\n${changesOf(before, filesOf(workspace))}`;
}

/** Commands that only look work in one project for all scenarios that begin alike. */
const LOOK = new Set([
  'status',
  'why',
  'graph',
  'list',
  'show',
  'lint',
  'doctor',
  'runs',
  'check',
  'metrics',
  'params',
  'plots',
]);
const shared: { readonly files: Files | undefined; readonly before: unknown; readonly made: Promise<Workspace> }[] = [];

async function placeFor(verb: string, { files, before, act }: Scenario): Promise<Workspace> {
  if (!LOOK.has(verb) || act) return prepared(project({ ...SMALL, ...files }), before);
  const known = shared.find((each) => each.before === before && each.files === files);
  if (known) return known.made;
  const made = prepared(new Workspace({ ...SMALL, ...files }), before);
  shared.push({ files, before, made });
  return made;
}

async function prepared(workspace: Workspace, before: Scenario['before']): Promise<Workspace> {
  await before?.(workspace);
  return workspace;
}

export async function disposeShared(): Promise<void> {
  for (const { made } of shared.splice(0)) await (await made).dispose();
}

const showing: Act = async (workspace, args, env) => {
  const { code, stdout, stderr } = await show(workspace, args, { code: 'any', env });
  return `exit ${code}\n${stdout}\n${stderr}`;
};

/** In a process of its own. */
export const started: Act = async (workspace, args, env) => {
  const { code, stdout, stderr } = await workspace.repro(args, { code: 'any', env });
  return `exit ${code}\n${stdout}\n${stderr}`;
};

/** Each file with its content: of the store only what is made to be looked at. */
function filesOf(workspace: Workspace): ReadonlyMap<string, string> {
  const paths = readdirSync(workspace.root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((each) => each.isFile())
    .map((each) => `${each.parentPath}/${each.name}`.slice(workspace.root.length + 1))
    .filter((path) => !path.startsWith('.git/') && (!path.startsWith('.repro/') || path.endsWith('.html')));
  return new Map(paths.toSorted().map((path) => [path, readFileSync(workspace.path(path), 'utf8')]));
}

function changesOf(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string {
  return [...now].flatMap(([path, text]) => (before.get(path) === text ? [] : [`FILE ${path}\n${text}`])).join('\n');
}

/** The same scenario for several commands. */
export function forVerbs(verbs: readonly string[], flags: Readonly<Record<string, Scenario>>): Scenarios {
  return Object.fromEntries(
    verbs.flatMap((verb) => Object.entries(flags).map(([flag, scenario]) => [`${verb} --${flag}`, scenario])),
  );
}

export const runFirst =
  (...args: readonly string[]) =>
  async (workspace: Workspace): Promise<void> => {
    await show(workspace, ['run', ...args], { code: 'any' });
    workspace.remove('ran.log');
  };

/** One function for all, so that they can share a project. */
export const RAN = runFirst();

/** It has run, then this changed. */
export const ranThen =
  (files: Files, ...gone: readonly string[]) =>
  async (workspace: Workspace): Promise<void> => {
    await runFirst()(workspace);
    workspace.write(files);
    workspace.remove(...gone);
  };

/** `v1` has r2 = 0.5, the last commit 0.41, the workspace 0.45. */
export async function committedScores(workspace: Workspace): Promise<void> {
  workspace.write({ '.gitignore': 'raw\nout\nran.log\n.repro/\n' });
  workspace.git('init', '--quiet', '--initial-branch=main');
  for (const score of [0.5, 0.41]) {
    workspace.write({ 'score.json': `{"r2": ${score}, "n": 1}`, 'params.yaml': `lr: ${score}\nalpha: 1\nspare: 1\n` });
    await runFirst()(workspace);
    workspace.git('add', '--all');
    workspace.git('commit', '--quiet', '--message', `score ${score}`);
    if (score === 0.5) workspace.git('tag', 'v1');
  }
  workspace.write({ 'score.json': '{"r2": 0.45, "n": 1}', 'params.yaml': 'lr: 0.45\nalpha: 1.001\nspare: 1\n' });
  await runFirst()(workspace);
}

export const BASED = (SMALL['pipeline.yaml'] as string).replace('r2 > 0.4', '"r2 >= base - 0.001"');

/** Two files of stages, of which the first is read without `--all`. */
export const DVC = {
  'pipeline.yaml': '',
  '.dvc/config': '',
  'dvc.yaml': 'stages:\n  make:\n    cmd: echo made >> ran.log\n    deps: [in.txt]\n',
  'sub/dvc.yaml': 'stages:\n  use:\n    cmd: echo used > ../used.log\n    deps: [../in.txt]\n',
};
