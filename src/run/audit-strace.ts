// Observing by strace: every program is seen, and all that it starts. Wraps commands, and reads what strace wrote, one file
// for each process. Knows the form of strace's lines and nothing of stages.
import { isAbsolute, join } from 'node:path';
import { capture } from '../base/process.ts';
import { closeFd, openForRead, readFd, readFolder } from '../base/fs.ts';
import type { Seen } from './audit-seen.ts';

/** A `?` lets strace ignore a call that this kind of processor does not have. */
const CALLS = 'trace=?open,?openat,?openat2,?creat,?execve,?execveat,?connect';
const CHUNK_BYTES = 1 << 20;

/** Why strace cannot be used here, or undefined when it can. */
export async function straceFault(
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<{ readonly why: string; readonly hint: string } | undefined> {
  if (process.platform !== 'linux') return { why: 'strace is a program for Linux', hint: 'run the audit on Linux' };
  const tried = await capture('strace', ['-f', '-qq', '-y', '-o', '/dev/null', '-e', CALLS, '/bin/sh', '-c', ':'], {
    cwd,
    env,
  });
  if (tried.code === 0) return undefined;
  if (tried.code === 127) return { why: 'strace is not installed', hint: 'install it (`apt-get install strace`)' };
  const said = tried.stderr.trim().split('\n')[0] ?? '';
  return {
    why: `strace may not observe processes here (${said})`,
    hint: 'in a container allow ptrace (`--cap-add=SYS_PTRACE`), or set kernel.yama.ptrace_scope to 0 or 1',
  };
}

/** Commands under strace; those of one stage one after the other, each with files of its own in `folder`. */
export function underStrace(
  folder: string,
): (file: string, args: readonly string[]) => { file: string; args: string[] } {
  let commands = 0;
  return (file, args) => {
    const out = `${folder}/trace.${String(commands++)}`;
    const options = ['-ff', '-qq', '-y', '-s', '4096', '--seccomp-bpf', '-e', CALLS, '-e', 'signal=none', '-o', out];
    return { file: 'strace', args: [...options, '--', file, ...args] };
  };
}

/** `cwd`: where the commands began, for names of programs that are relative. */
export function readTraces(folder: string, cwd: string, seen: Seen): void {
  for (const { name } of readFolder(folder)) {
    if (!name.startsWith('trace.')) continue;
    for (const line of linesOf(`${folder}/${name}`)) noteCall(line, cwd, seen);
  }
}

/** Of a file that may be larger than memory. Bytes that are not ASCII are escaped by strace. */
function* linesOf(path: string): Generator<string> {
  const fd = openForRead(path);
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let rest = '';
    for (let bytes = readFd(fd, buffer); bytes > 0; bytes = readFd(fd, buffer)) {
      const lines = (rest + buffer.toString('latin1', 0, bytes)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeFd(fd);
  }
}

const STRING = String.raw`"((?:[^"\\]|\\.)*)"(?:\.\.\.)?`;
/** Folder of a relative name, name, flags, result, path of the result, error. */
const OPEN = new RegExp(
  String.raw`^(open|openat|openat2|creat)\((?:(?:AT_FDCWD|\d+)(?:<(.*?)>)?, )?${STRING}(?:, (.*))?\)\s+= (-?\d+)(?:<(.*)>(?:\(deleted\))?)?(?: (E[A-Z]+) .*)?$`,
);
const EXECVE = new RegExp(String.raw`^execve(?:at)?\((?:(?:AT_FDCWD|\d+)(?:<.*?>)?, )?${STRING}, .*\)\s+= 0$`);
const CONNECT = /^connect\(\d+(?:<.*>)?, \{sa_family=AF_(\w+), (.*)\}, \d+\)\s+= /;

/** Exported for tests: one line of strace. */
export function noteCall(line: string, cwd: string, seen: Seen): void {
  const open = OPEN.exec(line);
  if (open) return noteOpen(open, seen);
  const execve = EXECVE.exec(line);
  if (execve) {
    const path = absolute(unescapeText(execve[1] ?? ''), cwd);
    seen.executed.add(path);
    seen.reads.add(path);
    return;
  }
  const connect = CONNECT.exec(line);
  if (connect) noteConnect(connect[1] ?? '', connect[2] ?? '', seen);
}

function noteOpen([, call, folder, name = '', flags = '', result, path, error]: RegExpExecArray, seen: Seen): void {
  if (result === '-1') {
    if (error !== 'ENOENT' || flags.includes('O_DIRECTORY')) return;
    const base = folder === undefined ? undefined : unescapeText(folder);
    const wanted = unescapeText(name);
    if (isAbsolute(wanted) || base !== undefined) seen.absent.add(absolute(wanted, base ?? '/'));
    return;
  }
  // What the file is really called: links and relative names are followed by the system.
  if (path === undefined || flags.includes('O_PATH')) return;
  const real = unescapeText(path);
  if (!isAbsolute(real)) return;
  if (flags.includes('O_DIRECTORY')) {
    seen.listed.add(real);
    return;
  }
  const writes = call === 'creat' || /O_WRONLY|O_RDWR|O_TRUNC|O_CREAT/.test(flags);
  if (writes) seen.writes.add(real);
  if (call !== 'creat' && !/O_WRONLY|O_TRUNC|O_EXCL/.test(flags)) seen.reads.add(real);
}

function noteConnect(family: string, address: string, seen: Seen): void {
  const port = /sin6?_port=htons\((\d+)\)/.exec(address)?.[1] ?? '';
  const host = /inet_addr\("([^"]*)"\)/.exec(address)?.[1] ?? /inet_pton\(AF_INET6, "([^"]*)"/.exec(address)?.[1];
  if (host !== undefined)
    seen.connects.add(`${family.toLowerCase()} ${family === 'INET6' ? `[${host}]` : host}:${port}`);
  else if (family === 'UNIX') {
    const path = unescapeText(/sun_path=@?"((?:[^"\\]|\\.)*)"/.exec(address)?.[1] ?? '');
    // The C library asks this one for names of users and hosts, whether or not anybody answers.
    if (path !== '' && path !== '/var/run/nscd/socket') seen.connects.add(`unix ${path}`);
  }
}

function absolute(path: string, base: string): string {
  return isAbsolute(path) ? path : join(base, path);
}

const SIGNS: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8 };

/** As C writes strings: `\303\251`, `\n`, `\"`. */
function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  for (const [part, code] of text.matchAll(/\\([0-7]{1,3}|x[0-9a-f]{2}|.)|[^\\]/gs)) {
    if (code === undefined) bytes.push(part.charCodeAt(0));
    else if (/^[0-7]/.test(code)) bytes.push(Number.parseInt(code, 8));
    else if (/^x./.test(code)) bytes.push(Number.parseInt(code.slice(1), 16));
    else bytes.push(SIGNS[code] ?? code.charCodeAt(0));
  }
  return Buffer.from(bytes).toString('utf8');
}
