// The program that a held command starts: it tells the test that it runs, does what the test says, and ends when the
// test says so. `node held-command.ts SOCKET NAME [ARGS...]`. The other side is test/rig/held.ts.
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Greeting, Order } from './held.ts';

const [socketPath = '', name = '', ...args] = process.argv.slice(2);
const socket = connect(socketPath);
const greeting: Greeting = { name, args, pid: process.pid, cwd: process.cwd(), env: process.env };
socket.write(`${JSON.stringify(greeting)}\n`);

function obey(order: Order): void {
  switch (order.kind) {
    case 'print':
      writeSync(order.stream === 'stdout' ? 1 : 2, order.text);
      break;
    case 'write':
      mkdirSync(dirname(order.path), { recursive: true });
      writeFileSync(order.path, order.text);
      break;
    case 'ignore':
      process.on(order.signal, () => socket.write(`${JSON.stringify({ signal: order.signal })}\n`));
      break;
    case 'exit':
      process.exit(order.code);
  }
  socket.write(`${JSON.stringify({ done: order.number })}\n`);
}

createInterface({ input: socket }).on('line', (line) => obey(JSON.parse(line) as Order));
// The test is gone: nothing is left behind.
socket.on('close', () => process.exit(1));
socket.on('error', () => process.exit(1));
