// docs/contributing.md, followed to the letter: its files and edits are made in a copy of the sources, which is then compiled
// and used. A place that an edit names must be there exactly once.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/contributing.md'), 'utf8');
const COPIED = [
  'src',
  'test',
  'schema',
  'docs',
  'stages',
  'bench',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const CONFIGURED = ['.oxfmtrc.json', '.oxlintrc.json', '.gitignore', 'README.md', 'CONTRIBUTING.md', 'params.yaml'];
/** `In FILE, above|below PLACE:` and the block behind it, `In FILE, replace A by B.`, or a block that is a new file. */
const STEPS =
  /^In `(?<file>[^`]+)`, (?:(?<where>above|below) (?<quote>`+) ?(?<place>.+?) ?\k<quote>:\n\n(?<fence>`{3,})\w+\n(?<text>.*?)^\k<fence>$|replace `(?<from>[^`]+)` by `(?<to>[^`]+)`\.$)|^```\w+\n\/\/ (?<made>\S+)\n(?<content>.*?)^```$/gms;

let copy = '';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'repro-contributing-'));
  for (const name of [...COPIED, ...CONFIGURED])
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function follow(step: Readonly<Record<string, string | undefined>>): void {
  const { file = '', where, place = '', text = '', from, to = '', made, content = '' } = step;
  const path = join(copy, made ?? file);
  if (made !== undefined) {
    expect([made, existsSync(path)]).toEqual([made, false]);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return;
  }
  const before = readFileSync(path, 'utf8');
  const wanted = from ?? place;
  // A place is a whole line; its indentation is only for the reader.
  const pieces = from === undefined ? before.split(lineOf(place)) : before.split(wanted);
  expect([file, wanted, pieces.length]).toEqual([file, wanted, 2]);
  const [head = '', tail = ''] = pieces;
  if (from !== undefined) writeFileSync(path, `${head}${to}${tail}`);
  else {
    const line = lineOf(place).exec(before)?.[0] ?? '';
    writeFileSync(path, where === 'above' ? `${head}${text}${line}${tail}` : `${head}${line}${text}${tail}`);
  }
}

function lineOf(text: string): RegExp {
  return new RegExp(`^[ ]*${text.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}\n`, 'm');
}

function inCopy(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'));
  const ran = spawnSync(join(ROOT, 'node_modules/.bin', command), args, {
    cwd: copy,
    env: { ...Object.fromEntries(clean), PATH: path, NO_COLOR: '1', ...env },
    encoding: 'utf8',
  });
  return ran.status === 0 ? '' : `${ran.stdout}${ran.stderr}`;
}

test('every step can be done, and what comes of them compiles and works', () => {
  const steps = [...PAGE.matchAll(STEPS)].map(({ groups = {} }) => groups);
  expect(steps.filter(({ made }) => made !== undefined)).toHaveLength(6);
  expect(steps.filter(({ made }) => made === undefined)).toHaveLength(PAGE.match(/^In `/gm)?.length ?? 0);
  for (const step of steps) follow(step);

  expect(inCopy('tsc', ['--noEmit'])).toBe('');
  // What is made from tables, and the golden texts: the other tests are held against them.
  expect(inCopy('node', ['bench/schema.ts'])).toBe('');
  const golden = ['test/cli/problems.test.ts', 'test/cli/commands.test.ts', 'test/cli/crawl.test.ts'];
  const written = ['-t', 'out-hidden|the help of|what to do .*(?:outs|run)$|forgotten'];
  expect(inCopy('vitest', ['run', ...golden, ...written], { UPDATE_GOLDEN: '1' })).toBe('');
  expect(inCopy('oxfmt', ['--check'])).toBe('');
  const own = ['test/cli/reporter-dots.test.ts', 'test/ml/tune-pruner-threshold.test.ts'];
  expect(inCopy('vitest', ['run', ...own, 'test/docs/troubleshooting.test.ts', 'test/layering.test.ts'])).toBe('');
  const tables = [
    'test/config/schema.test.ts',
    'test/cli/flags.test.ts',
    'test/cli/examples.test.ts',
    'test/cli/json.test.ts',
    'test/cli/looking.test.ts',
  ];
  const touched = [
    '-t',
    'the schema in the repository|the help of|every flag|outs|what commands print|out-hidden|forgotten|what to do .*run$',
  ];
  expect(inCopy('vitest', ['run', ...golden, ...tables, ...touched])).toBe('');
});

test('every file of the program that a page names is there', () => {
  for (const page of [
    'docs/contributing.md',
    'docs/design.md',
    'docs/reliability.md',
    'docs/glossary.md',
    'CONTRIBUTING.md',
  ]) {
    const text = page === 'docs/contributing.md' ? PAGE.replaceAll(STEPS, '') : readFileSync(join(ROOT, page), 'utf8');
    for (const [, path = ''] of text.matchAll(/`((?:src|test|bench|stages|schema|docs)\/[\w./-]+)`/g))
      expect([page, path, existsSync(join(ROOT, path)) || path.endsWith('out-hidden.cli.txt')]).toEqual([
        page,
        path,
        true,
      ]);
  }
});
