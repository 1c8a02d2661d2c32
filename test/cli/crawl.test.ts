// Every command, met without knowing it: its --json in projects of every kind, and what it says when it is used wrongly.
// test/golden/failures/<command>.txt holds the latter; UPDATE_GOLDEN=1 writes it anew.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { EXIT_CODES } from '../../src/base/problem.ts';
import { show } from '../rig/in-process.ts';
import { valid } from '../rig/json-schemas.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const GOLDEN = join(import.meta.dirname, '../golden/failures');
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

const ONE =
  'stages:\n  a: { cmd: "echo {} > m.json", deps: [in.txt], metrics: [m.json] }\n  b: { cmd: cat m.json > o, deps: [m.json], outs: [o] }\n';

const CHECKED = ONE.replace('metrics: [m.json]', 'metrics: [m.json], checks: [n >= base]');

/** Kinds of projects that the rest of the tests is not made of. */
const PROJECTS: Readonly<Record<string, { readonly files: Files; readonly before?: (w: Workspace) => unknown }>> = {
  'an empty folder': { files: {} },
  'a pipeline without stages': { files: { 'pipeline.yaml': '' } },
  'a project that never ran': { files: { 'pipeline.yaml': ONE, 'in.txt': '' } },
  'a broken pipeline file': { files: { 'pipeline.yaml': 'stages: { a: { cmmd: x, deps: x } }' } },
  'a missing input': { files: { 'pipeline.yaml': ONE } },
  'a failed stage and checks that cannot be judged': {
    files: {
      'pipeline.yaml': `${ONE.replace('metrics: [m.json]', 'metrics: [m.json], checks: ["none > 1"]')}  c: { cmd: exit 3, timeout: 5s }\n`,
      'in.txt': '',
    },
    before: async (w) => show(w, ['run', '-k'], { code: 'any' }),
  },
  'a damaged lock, no history and no objects': {
    files: { 'pipeline.yaml': ONE, 'in.txt': '' },
    before: async (w) => {
      await show(w, ['run']);
      w.write({ 'pipeline.lock': 'no lock' });
      w.remove('.repro/runs', '.repro/objects');
    },
  },
  'a DVC project': {
    files: { 'dvc.yaml': ONE.replaceAll(/\{ (.*) \}/g, '{ $1 }'), 'in.txt': '', '.dvc/config': '' },
    before: async (w) => {
      w.gitInit();
      await show(w, ['run']);
      w.write({ 'in.txt': 'changed' });
    },
  },
  'odd names and values': {
    files: {
      'pipeline.yaml': JSON.stringify({
        stages: {
          'ü \u202e"\\': {
            cmd: 'printf \'{"a": {"b\\\\n": [1, null, 1e400]}}\' > "m \'.json"',
            metrics: ["m '.json"],
            params: ['k'],
          },
        },
      }),
      'params.yaml': 'k: { a: .inf, b: -.nan, c: [~, 2026-11-21] }\n',
    },
    before: async (w) => {
      w.gitInit();
      await show(w, ['run'], { code: 'any' });
    },
  },
};

/** Operands with which a command does something in a project whose stages are `a` and `b`. */
const OPERANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  run: [['--dry-run']],
  why: [['a'], ['a', 'b']],
  show: [['a']],
  commit: [['a']],
  audit: [['b']],
  metrics: [['show'], ['diff', '--all']],
  params: [['show'], ['diff', '--all']],
  plots: [['show'], ['diff'], ['templates']],
  import: [['dvc']],
};

/** The schema of what it prints, where that is not its name. */
const SCHEMAS: Readonly<Record<string, string>> = { run: 'dry-run', 'plots templates': 'plots-templates' };

describe('--json of every command is valid, or the error is, in', () => {
  const withJson = COMMANDS.filter((command) => command.options['json']).map((command) => command.name);
  test.each(Object.entries(PROJECTS))('%s', async (_, { files, before }) => {
    const workspace = project(files);
    await before?.(workspace);
    for (const verb of withJson) {
      for (const operands of OPERANDS[verb] ?? [[]]) {
        const args = [verb, ...operands, '--json'];
        const { code, stdout, problems } = await show(workspace, args, { code: 'any' });
        if (problems.length > 0) {
          expect([args, stdout]).toEqual([args, '']);
          expect(Object.values(EXIT_CODES)).toContain(code);
          valid('error', JSON.stringify({ version: 1, exitCode: code, problems }));
        } else valid(SCHEMAS[`${verb} ${operands[0] ?? ''}`] ?? SCHEMAS[verb] ?? verb, stdout);
      }
    }
  });
});

/** How each command is used wrongly: in a project, unless the first word is EMPTY (a folder) or BROKEN (a project). */
const WRONG: Readonly<Record<string, readonly (readonly string[])[]>> = {
  run: [
    ['zz'],
    ['-j', '0'],
    ['--locked', '-S', 'x=1'],
    ['--reporter', 'xml'],
    ['-S', 'x'],
    ['--debounce', '5'],
    ['BROKEN'],
    ['EMPTY'],
  ],
  watch: [
    ['--debounce', 'soon'],
    ['--on-change', 'stop'],
    ['--reporter', 'xml'],
  ],
  ci: [['zz'], ['--resources', 'gpu'], ['BROKEN'], ['EMPTY']],
  status: [['zz'], ['--chek'], ['-S', 'lr=1'], ['BROKEN'], ['EMPTY']],
  why: [[], ['a', 'b', 'c'], ['zz'], ['BROKEN', 'a']],
  graph: [['--dot', '--mermaid'], ['--html', '--groups'], ['-o', 'x.html'], ['zz'], ['BROKEN']],
  list: [['zz'], ['BROKEN'], ['EMPTY']],
  show: [[], ['zz'], ['BROKEN', 'a']],
  lint: [['--format', 'xml'], ['a'], ['BROKEN'], ['EMPTY']],
  doctor: [['a']],
  runs: [['zz'], ['a', 'b'], ['--last', 'x']],
  log: [[], ['zz'], ['a'], ['a', '--attempt', '0']],
  check: [['zz'], ['--base', 'nowhere'], ['BROKEN']],
  metrics: [
    ['list'],
    ['show', '--rev', 'nowhere'],
    ['diff', 'a', 'b', 'c'],
    ['show', '--precision', 'x'],
    ['show', '--md', '--csv'],
  ],
  params: [['list'], ['show', '--rev', 'nowhere'], ['diff', '--sort-by', 'size']],
  plots: [
    ['draw'],
    ['show', 'none.csv'],
    ['show', '--theme', 'blue'],
    ['show', '--svg', 'd', '--json'],
    ['templates', 'lineer'],
  ],
  report: [
    ['--rev', 'a', '--base', 'b'],
    ['--rev', 'a', '--rev', 'b', '--rev', 'c'],
    ['--base', 'nowhere'],
    ['BROKEN'],
  ],
  commit: [[], ['zz'], ['a'], ['BROKEN', 'a']],
  checkout: [['zz'], ['--rev', 'nowhere'], ['BROKEN']],
  gc: [['--keep', 'soon'], ['a']],
  fsck: [['a']],
  init: [[], ['zz'], ['--github']],
  add: [
    [],
    ['-n', 'new'],
    ['-n', 'a', 'true'],
    ['-n', 'new', '-d', '../x', 'true'],
    ['-n', 'a@b', 'true'],
    ['-n', 'new', '--timeout', 'soon', 'true'],
    ['BROKEN', '-n', 'new', 'true'],
  ],
  import: [[], ['make'], ['dvc']],
  audit: [['zz'], ['BROKEN'], ['EMPTY']],
  completion: [[], ['tcsh']],
  help: [['zz']],
};

function placeOf(word: string | undefined): Workspace {
  if (word === 'EMPTY') return project();
  if (word === 'BROKEN') return project({ 'pipeline.yaml': 'stages:\n  a:\n    cmmd: x\n' });
  return project({ 'pipeline.yaml': CHECKED, 'in.txt': '', '.repro/x': '' });
}

describe('used wrongly, each command says what is wrong and what to do', () => {
  test.each(COMMANDS.map((command) => command.name))('%s', async (verb) => {
    const said: string[] = [];
    for (const words of [...(WRONG[verb] ?? []), ['--nope']]) {
      const operands = words.filter((word) => !/^(?:EMPTY|BROKEN)$/.test(word));
      const workspace = placeOf(words[0]);
      const { code, stdout, stderr } = await show(workspace, [verb, ...operands], { code: 'any' });
      expect([words, code]).not.toEqual([words, 0]);
      const where =
        operands.length === words.length
          ? ''
          : `  (${words[0] === 'EMPTY' ? 'an empty folder' : 'a broken pipeline file'})`;
      const text = (stdout + stderr).replaceAll(workspace.root, 'ROOT').trimEnd();
      said.push(`$ repro ${[verb, ...operands].join(' ')}${where}\n${text}\n[exit code ${code}]\n`);
    }
    const file = join(GOLDEN, `${verb}.txt`);
    if (UPDATE) writeFileSync(file, said.join('\n'));
    else expect(said.join('\n')).toBe(readFileSync(file, 'utf8'));
  });

  test('and no command was forgotten', () => {
    const names = COMMANDS.map((command) => command.name).toSorted();
    expect(names.filter((name) => !WRONG[name])).toEqual([]);
    expect(readdirSync(GOLDEN).toSorted()).toEqual(names.map((name) => `${name}.txt`));
  });
});
