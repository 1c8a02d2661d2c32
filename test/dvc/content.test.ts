import { linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDvcSettings } from '../../src/config/dvc-config.ts';
import { DvcCache } from '../../src/store/dvc-cache.ts';
import type { DvcName } from '../../src/store/dvc-cache.ts';
import { dvcFolderText, dvcHashesOf, md5Hex, pythonJson } from '../../src/store/md5.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { newRig } from '../store/store-rig.ts';

/** Content, md5 and md5 by the rules before 3.0, as file_md5 of DVC 3.67 gives them. */
const HASHES: readonly (readonly [string, Buffer, string, string])[] = [
  [
    'a text with \\r\\n',
    Buffer.from('a\r\nb\r\n'),
    '59b0d7772f0561efb95518f3cb8abc60',
    'dd8c6a395b5dd36c56d23275028f526c',
  ],
  [
    'a text with \\r alone',
    Buffer.from('a\rb\r'),
    'eea524bfa8bb496aaed2fa86a3c54a9e',
    'eea524bfa8bb496aaed2fa86a3c54a9e',
  ],
  ['a file with a NUL', Buffer.from('\0\r\n'), '692c8022360661692872fdc730517229', '692c8022360661692872fdc730517229'],
  ['nothing', Buffer.alloc(0), 'd41d8cd98f00b204e9800998ecf8427e', 'd41d8cd98f00b204e9800998ecf8427e'],
  [
    'bytes that are no text',
    Buffer.from('fffe'.repeat(10) + '0d0a', 'hex'),
    'a13e522aee1019cb0fc31a082322440c',
    'a13e522aee1019cb0fc31a082322440c',
  ],
  [
    'a text beyond ASCII',
    Buffer.from(`${'ü\r\n'.repeat(3)}plain text here\r\n`),
    'bbe8923d5326089158869f7810b55b4f',
    'e6cd6c8778f192e4a910322623d4228d',
  ],
  [
    'a line end on the border of two blocks',
    Buffer.from(`${'x'.repeat(1_048_575)}\r\ny`),
    '725ee1f0e2ae1bb6fa0c89fb8757617b',
    '725ee1f0e2ae1bb6fa0c89fb8757617b',
  ],
];

describe('the md5 of DVC of', () => {
  test.each(HASHES)('%s', (_name, content, md5, legacyMd5) => {
    const workspace = project({ f: content });
    expect(dvcHashesOf(workspace.path('f'))).toMatchObject({ md5, legacyMd5, bytes: content.length });
  });

  test('a folder is that of its list, sorted by characters and escaped as Python does', () => {
    expect(pythonJson('ü\u007f"\n😀')).toBe(String.raw`"\u00fc\u007f\"\n\ud83d\ude00"`);
    // U+FF01 sorts before an emoji by character, after it by UTF-16 unit.
    const text = dvcFolderText([
      { md5: '2', path: '😀' },
      { md5: '1', path: '！' },
    ]);
    expect(text).toBe(String.raw`[{"md5": "1", "relpath": "\uff01"}, {"md5": "2", "relpath": "\ud83d\ude00"}]`);
    expect(`${md5Hex(dvcFolderText([]))}.dir`).toBe('d751713988987e9331980363e24189ce.dir');
  });
});

test('a list of the cache with an entry that cannot be placed is a miss, not the rest of the folder', () => {
  const rig = newRig();
  const md5 = md5Hex('x');
  rig.write(`cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`, 'x');
  const listOf = (text: string): DvcName => {
    const name = md5Hex(text);
    rig.write(`cache/files/md5/${name.slice(0, 2)}/${name.slice(2)}.dir`, text);
    return { md5: `${name}.dir`, legacy: false };
  };
  return rig.session(async ({ index, hasher }) => {
    const cache = new DvcCache(rig.path('cache'), index, hasher);
    expect(cache.info(listOf(`[{"md5": "${md5}", "relpath": "a"}]`))).toMatchObject({ size: 1, files: 1 });
    const climbing = `[{"md5": "${md5}", "relpath": "a"}, {"md5": "${md5}", "relpath": "../b"}]`;
    for (const text of [climbing, '{}', '[', '[1]']) expect(cache.info(listOf(text))).toBeNull();
    return Promise.resolve();
  });
});

test('a folder whose files DVC has linked to its cache is the folder with these files', async () => {
  const workspace = project({
    '.dvc/config': '',
    'dvc.yaml': 'stages:\n  s: {cmd: mkdir o && cat d/f > o/f, deps: [d], outs: [o]}\n',
    'd/f': 'one\n',
    'cache/one': 'one\n',
  });
  await run(workspace);
  workspace.remove('d/f', 'o/f');
  symlinkSync(workspace.path('cache/one'), workspace.path('d/f'));
  symlinkSync(workspace.path('cache/one'), workspace.path('o/f'));
  expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
  await show(workspace, ['commit', 's']);
  expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
  workspace.write({ 'cache/one': 'two\n' });
  expect((await run(workspace)).outcomes).toEqual({ s: 'ran' });
});

test('a lock and a cache of DVC before 3.0 prove and give as much', async () => {
  const out = 'result\n';
  const md5 = md5Hex(out);
  const workspace = project({
    '.dvc/config': '',
    'in.txt': 'a\r\nb\r\n',
    'dvc.yaml': 'stages:\n  s: {cmd: exit 1, deps: [in.txt], outs: [out.txt]}\n',
    'dvc.lock': [
      "schema: '2.0'\nstages:\n  s:\n    cmd: exit 1\n    deps:\n    - path: in.txt",
      `      md5: dd8c6a395b5dd36c56d23275028f526c\n    outs:\n    - path: out.txt\n      md5: ${md5}\n`,
    ].join('\n'),
    [`.dvc/cache/${md5.slice(0, 2)}/${md5.slice(2)}`]: out,
  });
  expect((await run(workspace)).outcomes).toEqual({ s: 'restored' });
  expect(workspace.read('out.txt')).toBe(out);
});

const PORTS = { env: { HOME: '/home/me' }, platform: 'linux' };

test('the settings: those of the project win over those of the user, which win over those of the machine', () => {
  const files: Record<string, string> = {
    '/etc/xdg/dvc/config': '[cache]\ndir = machine\n',
    '/home/me/.config/dvc/config': '[cache]\ndir = ~/user\n',
    '/given/config': '[cache]\ndir = given\n',
    '.dvc/config': '[cache]\nlocal = near\n[\'remote "Near"\']\nurl = ../beside\n[\'remote "far"\']\nurl = s3://a\n',
  };
  const at = (env: Record<string, string>, platform = 'linux'): string =>
    readDvcSettings({ read: (path) => files[path] ?? null, env: { HOME: '/home/me', ...env }, platform }).cacheDir;
  expect(at({})).toBe('beside');
  files['.dvc/config'] = files['.dvc/config']?.replace('near', 'far') ?? '';
  expect(at({})).toBe('/home/me/user');
  expect(at({ DVC_GLOBAL_CONFIG_DIR: '/given' })).toBe('/given/given');
  delete files['/home/me/.config/dvc/config'];
  expect(at({})).toBe('/etc/xdg/dvc/machine');
  expect(at({ XDG_CONFIG_DIRS: '/other:/etc/xdg' })).toBe('.dvc/cache');
  expect(at({}, 'darwin')).toBe('.dvc/cache');
});

test('the settings: local ones win, a relative folder counts from .dvc, comments do not count', () => {
  const files: Record<string, string> = {
    '.dvc/config': '[core]\n  no_scm = True\n[\'remote "x"\']\n  dir = no\n[cache]\n  dir = ../a # here\n',
    '.dvc/config.local': '[cache]\ndir = "/abs/b"\n',
  };
  expect(readDvcSettings({ ...PORTS, read: (path) => files[path] ?? null })).toEqual({
    cacheDir: '/abs/b',
    noScm: true,
  });
  delete files['.dvc/config.local'];
  expect(readDvcSettings({ ...PORTS, read: (path) => files[path] ?? null })).toEqual({ cacheDir: 'a', noScm: true });
  expect(readDvcSettings({ ...PORTS, read: () => null })).toEqual({ cacheDir: '.dvc/cache', noScm: false });
});

describe('a persistent out that DVC has linked to its cache', () => {
  const STAGE =
    'stages:\n  s:\n    cmd: echo more >> out && echo more >> dir/f\n    outs:\n    - out: {persist: true}\n    - dir: {persist: true}\n';

  test.each(['hard', 'symbolic'])('by a %s link is made a copy before a stage adds to it', async (kind) => {
    const workspace = project({ '.dvc/config': '', 'dvc.yaml': STAGE, 'cache/one': 'old\n', 'cache/two': 'old\n' });
    mkdirSync(workspace.path('dir'));
    const link = kind === 'hard' ? linkSync : symlinkSync;
    link(workspace.path('cache/one'), workspace.path('out'));
    link(workspace.path('cache/two'), workspace.path('dir/f'));
    await run(workspace);
    expect(workspace.read('out')).toBe('old\nmore\n');
    expect(workspace.read('dir/f')).toBe('old\nmore\n');
    expect(workspace.read('cache/one') + workspace.read('cache/two')).toBe('old\nold\n');
  });
});

test('what a stage replaces is not written through a link into the cache', async () => {
  const workspace = project({
    '.dvc/config': '',
    'dvc.yaml': 'stages:\n  s: {cmd: echo new > out, outs: [out]}\n',
    'cache/one': 'old\n',
  });
  symlinkSync(workspace.path('cache/one'), workspace.path('out'));
  await run(workspace);
  expect(readFileSync(workspace.path('cache/one'), 'utf8')).toBe('old\n');
  expect(workspace.read('out')).toBe('new\n');
});
