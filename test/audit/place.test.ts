// What a path is that a stage touched.
import { expect, test } from 'vitest';
import { placeOf } from '../../src/run/audit-place.ts';

const FOLDERS = {
  root: '/home/u/p',
  copy: '/home/u/p/.repro/audit/1/project',
  store: '/home/u/p/.repro',
  home: '/home/u',
  temp: ['/tmp', '/dev/shm'],
  prefixes: ['/home/u/.pyenv/3.12', '/tools/r'],
};
const COPY = FOLDERS.copy;

test.each<[string, object]>([
  [`${COPY}/data/a.csv`, { kind: 'project', path: 'data/a.csv', direct: false }],
  ['/home/u/p/data/a.csv', { kind: 'project', path: 'data/a.csv', direct: true }],
  ['/home/u/p/.git/HEAD', { kind: 'git' }],
  ['/home/u/p/.repro/audit/1/0/params/a.json', { kind: 'own' }],
  ['/home/u/p/.repro/index', { kind: 'own' }],
  [
    '/home/u/p/node_modules/x/index.js',
    { kind: 'package', manager: 'npm', name: 'x', folder: '/home/u/p/node_modules/x' },
  ],
  [
    '/home/u/p/node_modules/a/node_modules/@b/c/d.js',
    { kind: 'package', manager: 'npm', name: '@b/c', folder: '/home/u/p/node_modules/a/node_modules/@b/c' },
  ],
  ['/home/u/p/node_modules/.package-lock.json', { kind: 'system' }],
  [
    '/home/u/.pyenv/3.12/lib/python3.12/site-packages/numpy/core.py',
    { kind: 'package', manager: 'python', name: 'numpy', folder: '/home/u/.pyenv/3.12/lib/python3.12/site-packages' },
  ],
  [
    '/usr/lib/python3/dist-packages/six.py',
    { kind: 'package', manager: 'python', name: 'six', folder: '/usr/lib/python3/dist-packages' },
  ],
  ['/home/u/.pyenv/3.12/lib/libpython3.12.so', { kind: 'system' }],
  ['/tools/r/share/x', { kind: 'system' }],
  ['/usr/lib/libc.so.6', { kind: 'system' }],
  ['/etc/hosts', { kind: 'system' }],
  ['/dev/null', { kind: 'system' }],
  ['/dev/shm/data', { kind: 'temp' }],
  ['/tmp/data.csv', { kind: 'temp' }],
  ['/home/u/.gitconfig', { kind: 'settings' }],
  ['/home/u/data.csv', { kind: 'elsewhere' }],
  ['/home/u/package.json', { kind: 'system' }],
  ['/home/u/p2/a', { kind: 'elsewhere' }],
  ['/data/big.csv', { kind: 'elsewhere' }],
])('%s', (path, expected) => {
  expect(placeOf(path, FOLDERS)).toEqual(expected);
});
