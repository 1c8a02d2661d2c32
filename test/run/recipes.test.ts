// Six ways in which caching task runners were seen to go wrong, each played through to its end.
import { cpSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run } from '../rig/in-process.ts';
import { isAlive } from '../rig/processes.ts';
import { project } from '../rig/project.ts';
import { Workspace } from '../rig/workspace.ts';

test('recipe 1: an edit during the run, put back afterwards, does not poison the store', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: `${stage.command} && cp in.txt out.txt`, deps: ['in.txt'], outs: ['out.txt'] } },
    },
    'in.txt': 'A',
  });
  const first = run(work, [], { code: 1 });
  const invocation = await stage.nextInvocation();
  work.write({ 'in.txt': 'B' });
  await invocation.exit();
  await first;
  work.write({ 'in.txt': 'A' });
  const second = run(work);
  await (await stage.nextInvocation()).exit();
  expect((await second).ends).toBe('s ran');
  expect(work.read('out.txt')).toBe('A');
});

test('recipe 2: the order of arguments and of commands is part of the key', async () => {
  const of = (cmd: string | readonly string[]): object => ({ stages: { s: { cmd, outs: ['out.txt'] } } });
  const work = project({ 'pipeline.yaml': of('echo one two > out.txt') });
  await run(work);
  work.write({ 'pipeline.yaml': of('echo two one > out.txt') });
  expect((await run(work)).started).toEqual(['s']);
  expect(work.read('out.txt')).toBe('two one\n');
  work.write({ 'pipeline.yaml': of(['echo 1 > out.txt', 'echo 2 > out.txt']) });
  await run(work);
  work.write({ 'pipeline.yaml': of(['echo 2 > out.txt', 'echo 1 > out.txt']) });
  expect((await run(work)).started).toEqual(['s']);
  expect(work.read('out.txt')).toBe('1\n');
});

test('recipe 3: contents that change places, and a file with another name, are changes', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        files: { cmd: 'cat a.txt b.txt > f', deps: ['a.txt', 'b.txt'], outs: ['f'] },
        folder: { cmd: 'ls d > l; cat d/* > c', deps: ['d'], outs: ['l', 'c'] },
        glob: { cmd: 'ls d/*.csv > g', deps: ['d/*.csv'], outs: ['g'] },
      },
    },
    'a.txt': 'A',
    'b.txt': 'B',
    'd/a.csv': 'A',
    'd/b.csv': 'B',
  });
  await run(work);
  work.write({ 'a.txt': 'B', 'b.txt': 'A', 'd/a.csv': 'B', 'd/b.csv': 'A' });
  expect((await run(work)).started.toSorted()).toEqual(['files', 'folder', 'glob']);
  expect([work.read('f'), work.read('c')]).toEqual(['BA', 'BA']);
  renameSync(work.path('d/b.csv'), work.path('d/c.csv'));
  expect((await run(work)).started.toSorted()).toEqual(['folder', 'glob']);
  expect([work.read('l'), work.read('g')]).toEqual(['a.csv\nc.csv\n', 'd/a.csv\nd/c.csv\n']);
});

test('recipe 4: slots are handed over in real runs of random shape, and every stage runs once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 7 }),
      fc.integer({ min: 1, max: 3 }),
      async (ups, jobs) => {
        const stages = Object.fromEntries(
          ups.map((up, at) => [
            `s${at}`,
            {
              cmd: `echo ${at} >> ../log; echo ${at} > ${at}`,
              outs: [String(at)],
              ...(up < at && { deps: [String(up)] }),
            },
          ]),
        );
        const work = new Workspace({ 'pipeline.yaml': { stages } });
        try {
          const story = await run(work, ['-j', String(jobs)]);
          expect(Object.values(story.outcomes)).toEqual(ups.map(() => 'ran'));
          expect(work.read('../log').trim().split('\n').toSorted()).toEqual(
            ups.map((_up, at) => String(at)).toSorted(),
          );
        } finally {
          await work.dispose();
        }
      },
    ),
    { numRuns: 12 },
  );
});

test('recipe 5: a child that ignores the signals is ended all the same, and the exit code is that of the signal', async () => {
  const child = await held('child');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: `(${child.command}) & wait`, outs: ['o'] } } } });
  const cli = work.start([], { code: 'any' });
  const invocation = await child.nextInvocation();
  await invocation.ignore('SIGINT');
  await invocation.ignore('SIGTERM');
  cli.kill('SIGINT');
  expect(await invocation.nextSignal()).toBe('SIGINT');
  cli.kill('SIGINT');
  expect((await cli.ended).code).toBe(130);
  await invocation.closed;
  expect(isAlive(invocation.pid)).toBe(false);
  expect(work.exists('.repro/records')).toBe(false);
});

test('recipe 6: no key holds an absolute path: a copy of the project elsewhere finds everything in a shared store', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        a: {
          cmd: 'cp in.txt a.txt',
          deps: ['in.txt', 'lib.mjs'],
          outs: ['a.txt'],
          params: ['k'],
          runtime: ['echo v1'],
        },
        b: { cmd: 'cp ../a.txt b.txt', wdir: 'sub', deps: ['../a.txt'], outs: ['b.txt'] },
      },
    },
    'params.yaml': 'k: 1\n',
    'in.txt': 'x',
    'lib.mjs': 'import "./other.mjs";\n',
    'other.mjs': '',
    'sub/.keep': '',
  });
  const env = { REPRO_STORE: join(work.outside, 'store') };
  const copy = project();
  await run(work, [], { env });
  cpSync(work.root, join(copy.root, 'a b ü'), { recursive: true, filter: (path) => !path.includes('.repro') });
  copy.remove('a b ü/a.txt', 'a b ü/sub/b.txt', 'a b ü/pipeline.lock');
  const story = await run(copy, [], { env: { ...env, LANG: 'C', TZ: 'Asia/Tokyo' }, cwd: 'a b ü' });
  expect(story).toMatchObject({ started: [], ends: 'a restored, b restored' });
  expect(copy.read('a b ü/pipeline.lock')).toBe(work.read('pipeline.lock'));
});
