// What a first run is measured against: the same commands, each in a shell of its own, as many at a time, nothing kept.
// node bench/bare-loop.ts COUNT JOBS
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { trivialCommand } from './projects.ts';

const [count = 100, jobs = 2] = process.argv.slice(2).map(Number);
let at = 0;

async function work(): Promise<void> {
  while (at < count) {
    const child = spawn('/bin/sh', ['-ec', trivialCommand(at++)], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    await once(child, 'close');
  }
}

await Promise.all(Array.from({ length: jobs }, work));
