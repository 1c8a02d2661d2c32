// Runs a stage as a user does: a process in a folder of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const STAGES = join(import.meta.dirname, '../../stages');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class StageFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'stage-'));

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.path, name), content);
    onTestFinished(() => rmSync(this.path, { recursive: true }));
  }

  /** `line` is cut at spaces; a trace of a stack fails the test. */
  run(line: string, env: Readonly<Record<string, string>> = {}): Ended {
    const [stage = '', ...args] = line.split(' ');
    return this.#node([join(STAGES, `${stage}.ts`), ...args], env);
  }

  /** A program of the folder. */
  runFile(name: string): Ended {
    return this.#node([join(this.path, name)], {});
  }

  #node(args: readonly string[], env: Readonly<Record<string, string>>): Ended {
    const options = { cwd: this.path, encoding: 'utf8', env: { ...process.env, ...env } } as const;
    const done = spawnSync(process.execPath, args, options);
    if (/^\s+at .*\d+:\d+\)?$/m.test(done.stderr)) throw new Error(`a stack trace:\n${done.stderr}`);
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  json(name: string): Record<string, Record<string, unknown>> {
    return JSON.parse(this.read(name)) as Record<string, Record<string, unknown>>;
  }
}

/** x, a text column and a gap decide y; `flag` is yes where y is high. */
export function smallCsv(rows: number, from = 0): string {
  const lines = Array.from({ length: rows }, (_, at) => {
    const i = at + from;
    const x = ((i * 37) % 100) / 10;
    const town = ['north', 'south', 'west'][(i * 7) % 3] ?? '';
    const y = x + (town === 'north' ? 4 : 0) + Math.sin(i) / 2;
    return `${i % 11 === 0 ? '' : x},${town},${y.toFixed(4)},${y > 6 ? 'yes' : 'no'}`;
  });
  return `x,town,y,flag\n${lines.join('\n')}\n`;
}
