// What one line of strace means. The lines are as strace 6 writes them with -y.
import { describe, expect, test } from 'vitest';
import { nothingSeen } from '../../src/run/audit-seen.ts';
import type { Seen } from '../../src/run/audit-seen.ts';
import { noteCall } from '../../src/run/audit-strace.ts';

function seenIn(...lines: readonly string[]): Partial<Record<keyof Seen, string[] | number>> {
  const seen = nothingSeen();
  for (const line of lines) noteCall(line, '/p', seen);
  const filled = Object.entries(seen).flatMap(([kind, set]) =>
    set instanceof Set && set.size > 0 ? [[kind, [...set]]] : [],
  );
  return Object.fromEntries(filled) as Partial<Record<keyof Seen, string[]>>;
}

describe('a line of strace', () => {
  test.each<[string, string, object]>([
    ['a read', 'openat(AT_FDCWD</p>, "a", O_RDONLY|O_CLOEXEC) = 3</p/a>', { reads: ['/p/a'] }],
    ['a read by the old call', 'open("/p/a", O_RDONLY) = 3</p/a>', { reads: ['/p/a'] }],
    ['a read through a link', 'openat(AT_FDCWD</p>, "link", O_RDONLY) = 3</q/a>', { reads: ['/q/a'] }],
    ['a write', 'openat(AT_FDCWD</p>, "a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</p/a>', { writes: ['/p/a'] }],
    ['creat', 'creat("a", 0666) = 3</p/a>', { writes: ['/p/a'] }],
    ['an update', 'openat(AT_FDCWD</p>, "a", O_RDWR) = 3</p/a>', { writes: ['/p/a'], reads: ['/p/a'] }],
    ['a new file for both', 'openat(AT_FDCWD</p>, "a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3</p/a>', { writes: ['/p/a'] }],
    ['a file that is gone', 'openat(AT_FDCWD</p>, "a", O_RDONLY) = 3</p/a>(deleted)', { reads: ['/p/a'] }],
    [
      'openat2',
      'openat2(4</p/d>, "a", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24) = 3</p/d/a>',
      { reads: ['/p/d/a'] },
    ],
    ['a folder', 'openat(AT_FDCWD</p>, "d", O_RDONLY|O_NONBLOCK|O_DIRECTORY) = 3</p/d>', { listed: ['/p/d'] }],
    ['a handle that cannot read', 'openat(AT_FDCWD</p>, "a", O_PATH) = 3</p/a>', {}],
    ['a pipe', 'openat(AT_FDCWD</p>, "/dev/stdin", O_RDONLY) = 3<pipe:[12]>', {}],
    [
      'an absent file',
      'openat(AT_FDCWD</p>, "a", O_RDONLY) = -1 ENOENT (No such file or directory)',
      { absent: ['/p/a'] },
    ],
    [
      'an absent file below a folder',
      'openat(5</p/d>, "a", O_RDONLY) = -1 ENOENT (No such file)',
      { absent: ['/p/d/a'] },
    ],
    ['a refusal', 'openat(AT_FDCWD</p>, "a", O_RDONLY) = -1 EACCES (Permission denied)', {}],
    ['a name of other letters', 'openat(AT_FDCWD</p>, "\\303\\251", O_RDONLY) = 3</p/\\303\\251>', { reads: ['/p/é'] }],
    [
      'a name with signs',
      'openat(AT_FDCWD</p>, "a\\"b, c) = 3", O_RDONLY) = 3</p/a\\"b, c) = 3>',
      { reads: ['/p/a"b, c) = 3'] },
    ],
    ['a line end in a name', 'openat(AT_FDCWD</p>, "a\\nb", O_RDONLY) = 3</p/a\\12b>', { reads: ['/p/a\nb'] }],
    [
      'a program',
      'execve("./run.sh", ["./run.sh", "x"], 0x7ffd /* 3 vars */) = 0',
      { executed: ['/p/run.sh'], reads: ['/p/run.sh'] },
    ],
    ['a program that is not there', 'execve("/x", ["x"], 0x7ffd /* 3 vars */) = -1 ENOENT (No such file)', {}],
    [
      'a connection',
      'connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, 16) = 0',
      { connects: ['inet 10.0.0.1:80'] },
    ],
    [
      'a connection of the sixth version that is refused',
      'connect(3<TCPv6:[1]>, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 ECONNREFUSED (Connection refused)',
      { connects: ['inet6 [::1]:443'] },
    ],
    [
      'the cache of names',
      'connect(3<UNIX:[1]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No)',
      {},
    ],
    ['the end', '+++ exited with 0 +++', {}],
    ['a call that never ended', 'openat(AT_FDCWD</p>, "a", O_RDONLY', {}],
  ])('%s', (_name, line, expected) => {
    expect(seenIn(line)).toEqual(expected);
  });
});
