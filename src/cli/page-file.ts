// Where a page goes: `--output`, or a name of its own in the current folder. The path is what the command prints.
import { dirname, relative, resolve } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { makeFolder } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { text } from './command.ts';
import type { Invocation } from './command.ts';
import { safe } from './format.ts';

/** A file of that name is replaced, whole or not at all; the path is the result. */
export function writePage(invocation: Invocation, page: string, otherwise: string): void {
  const { values, terminal } = invocation;
  const path = resolve(terminal.cwd, text(values, 'output') ?? otherwise);
  explain(`write ${path}`, () => {
    makeFolder(dirname(path));
    writeAtomic(path, page, { durable: false, point: 'page' });
  });
  const near = relative(terminal.cwd, path);
  terminal.out(`${safe(near.startsWith('..') ? path : near)}\n`);
}
