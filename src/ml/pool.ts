// A few threads that work through numbered tasks over shared memory. Knows nothing of models: tasks are
// data, and pool-worker.ts knows what they mean. Invariant: results come back by task number, so that
// the outcome does not depend on how many threads there were or which was first.
import { Worker } from 'node:worker_threads';
import { ModelError } from './model-error.ts';

export interface Pool {
  readonly workers: number;
  /** Runs every task; `shared` reaches each thread once per call. Rejects with the error of the lowest task number. */
  readonly run: (kind: string, shared: unknown, tasks: readonly unknown[]) => Promise<unknown[]>;
  readonly close: () => Promise<void>;
}

export type PoolRequest =
  | { readonly type: 'share'; readonly kind: string; readonly shared: unknown }
  | { readonly type: 'task'; readonly number: number; readonly task: unknown };

export type PoolReply =
  | { readonly type: 'done'; readonly number: number; readonly result: unknown }
  | {
      readonly type: 'failed';
      readonly number: number;
      readonly problems: readonly string[] | null;
      readonly error: unknown;
    };

/** Threads start with the first `run`, stay until `close`, and never keep the process alive while idle. */
export function openPool(workers: number): Pool {
  if (!Number.isInteger(workers) || workers < 1) throw new ModelError([`workers must be 1 or more, got ${workers}`]);
  const threads: Worker[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const run: Pool['run'] = (kind, shared, tasks) => {
    // One job at a time: two at once would replace each other's shared data.
    const job = last.then(() => {
      if (closed) throw new Error('the pool is closed');
      while (threads.length < Math.min(workers, tasks.length)) threads.push(startWorker());
      return runJob(threads, kind, shared, tasks);
    });
    last = job.catch(() => undefined);
    return job;
  };
  const close = async (): Promise<void> => {
    closed = true;
    await last;
    await Promise.all(threads.map((thread) => thread.terminate()));
  };
  return { workers, run, close };
}

/** A copy in memory that all threads see. */
export function shareFloats(values: Float64Array): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

function startWorker(): Worker {
  const worker = new Worker(workerUrl(), { execArgv: [] });
  worker.setMaxListeners(0);
  // A job that runs listens too; without one the death of a thread must not be that of the program.
  worker.on('error', () => undefined);
  worker.unref();
  return worker;
}

/** From source the thread's module is TypeScript beside this one; in the package it stands above the shared chunks. */
function workerUrl(): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL('./pool-worker.ts', import.meta.url);
  return /\/chunks\/[^/]*$/.test(here) ? new URL('../pool-worker.js', here) : new URL('./pool-worker.js', here);
}

/** A thread that dies takes the others with it: the next job starts with new ones. */
function runJob(threads: Worker[], kind: string, shared: unknown, tasks: readonly unknown[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const results: unknown[] = Array.from({ length: tasks.length });
    const failures: { number: number; error: unknown }[] = [];
    let next = 0;
    let open = 0;
    const finish = (): void => {
      for (const { worker, onMessage, onError } of listeners) {
        worker.off('message', onMessage);
        worker.off('error', onError);
        worker.unref();
      }
      const first = failures.sort((a, b) => a.number - b.number)[0];
      if (first === undefined) resolve(results);
      else reject(first.error instanceof Error ? first.error : new Error(String(first.error)));
    };
    const feed = (worker: Worker): void => {
      // After a failure no new task starts, but every earlier one ends: the lowest number is then known for sure.
      if (next < tasks.length && failures.length === 0) {
        open++;
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        worker.postMessage({ type: 'task', number: next, task: tasks[next] } satisfies PoolRequest);
        next++;
      } else if (open === 0) finish();
    };
    const listeners = threads.map((worker) => ({
      worker,
      onMessage: (reply: PoolReply): void => {
        open--;
        if (reply.type === 'done') results[reply.number] = reply.result;
        else
          failures.push({ number: reply.number, error: reply.problems ? new ModelError(reply.problems) : reply.error });
        feed(worker);
      },
      onError: (error: unknown): void => {
        failures.push({ number: -1, error });
        finish();
        for (const thread of threads.splice(0)) void thread.terminate();
      },
    }));
    for (const { worker, onMessage, onError } of listeners) {
      worker.ref();
      worker.on('message', onMessage);
      worker.on('error', onError);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage({ type: 'share', kind, shared } satisfies PoolRequest);
    }
    if (tasks.length === 0) finish();
    else for (const worker of threads.slice(0, tasks.length)) feed(worker);
  });
}
