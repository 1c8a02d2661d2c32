// The other side of pool.ts: what each kind of task means. Runs in a thread of its own.
// Knows nothing of who asked. Invariant: every task is answered exactly once, with a result or with its error.
import { parentPort } from 'node:worker_threads';
import { fitFold } from './cross-validate-fold.ts';
import type { FoldJob, FoldTask } from './cross-validate-fold.ts';
import { growBlock } from './forest-grow.ts';
import type { ForestBlock, ForestJob } from './forest-grow.ts';
import { ModelError } from './model-error.ts';
import type { PoolReply, PoolRequest } from './pool.ts';

type Work = (task: unknown) => unknown;

/** The messages come from pool.ts of the same version, so their parts are what the kind says. */
const WORK: Readonly<Record<string, (shared: unknown) => Work>> = {
  forest: (shared) => (task) => growBlock(shared as ForestJob, task as ForestBlock),
  fold: (shared) => (task) => fitFold(shared as FoldJob, task as FoldTask),
};

let work: Work = () => {
  throw new Error('a task came before its data');
};

parentPort?.on('message', (request: PoolRequest) => {
  if (request.type === 'share') {
    const make = WORK[request.kind];
    if (!make) throw new Error(`there is no work called ${request.kind}`);
    work = make(request.shared);
    return;
  }
  void answer(request.number, request.task);
});

async function answer(number: number, task: unknown): Promise<void> {
  let reply: PoolReply;
  try {
    reply = { type: 'done', number, result: await work(task) };
  } catch (error) {
    reply = { type: 'failed', number, problems: error instanceof ModelError ? error.problems : null, error };
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(reply);
}
