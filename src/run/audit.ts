// `repro audit`: runs stages in a scratch copy of the workspace, under an observer, and says what they touched. The
// workspace stays as it is and nothing is recorded. Decides nothing about freshness.
import { availableParallelism } from 'node:os';
import { explainLater } from '../base/fs-problem.ts';
import { isRunning, processSpace } from '../base/identity.ts';
import { makeFolder, readFolder, removeTree } from '../base/fs.ts';
import { problem, ReproError } from '../base/problem.ts';
import { startReaper } from '../base/reaper.ts';
import type { Reaper } from '../base/reaper.ts';
import type { Stream } from '../base/process.ts';
import type { Stage } from '../config/stage.ts';
import type { StageInputs } from '../plan/inputs.ts';
import { makePlace } from '../store/place.ts';
import type { StorePlace } from '../store/place.ts';
import { AuditCopy } from './audit-copy.ts';
import { judgeStage } from './audit-judge.ts';
import type { StageAudit } from './audit-judge.ts';
import { nodeWatch, readNodeWatch } from './audit-node.ts';
import { nothingSeen } from './audit-seen.ts';
import { readTraces, straceFault, underStrace } from './audit-strace.ts';
import { hasSucceeded } from './executor.ts';
import type { ExecutionEnd, RunningExecution } from './executor.ts';
import { createLocalExecutor } from './executor-local.ts';
import { paramsFile } from './params-file.ts';
import type { StopSource } from './run-ports.ts';
import { commandProblem } from './stage.ts';
import { stageEnv } from './stage-env.ts';
import type { StopSignal } from './waiting.ts';

export interface AuditedStage {
  readonly stage: Stage;
  readonly inputs: StageInputs & { readonly kind: 'known' };
}

export interface AuditPorts {
  readonly place: StorePlace;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly runId: string;
  /** This process does nothing but this audit. */
  readonly confine: boolean;
  /** The folder of the running `repro`. */
  readonly reproFolder: string;
  readonly stop: StopSource;
  readonly onStart: (stage: string) => void;
  readonly onLine: (stage: string, line: string, stream: Stream) => void;
  /** Said once, when less than everything will be seen. */
  readonly onPartial: (why: string, hint: string) => void;
  readonly onUnreadable: (paths: readonly string[]) => void;
  readonly onEnd: (audit: StageAudit, ended: ExecutionEnd) => void;
}

/** The signal that ended it, if one did. */
export async function auditStages(stages: readonly AuditedStage[], ports: AuditPorts): Promise<StopSignal | undefined> {
  makePlace(ports.place);
  sweepAudits(ports.place);
  const folder = `${auditsOf(ports.place)}/${processSpace()}-${process.pid}-${ports.runId}`;
  return explainLater('audit in a copy', async () => {
    try {
      return await new Audit(folder, ports).all(stages);
    } finally {
      removeTree(folder);
    }
  });
}

function auditsOf({ local }: StorePlace): string {
  return `${local}/audit`;
}

/** Copies of audits that were killed. */
function sweepAudits(place: StorePlace): void {
  for (const { name } of readFolder(auditsOf(place))) {
    const [space, pid] = name.split('-');
    if (space === processSpace() && !isRunning(Number(pid))) removeTree(`${auditsOf(place)}/${name}`);
  }
}

class Audit {
  readonly #folder: string;
  readonly #ports: AuditPorts;
  readonly #env: Record<string, string>;
  #running: RunningExecution | undefined;
  #signal: StopSignal | undefined;
  /** Why strace cannot be used. */
  #fault: Awaited<ReturnType<typeof straceFault>>;

  constructor(folder: string, ports: AuditPorts) {
    this.#folder = folder;
    this.#ports = ports;
    const set = Object.entries(ports.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
    this.#env = Object.fromEntries(set) as Record<string, string>;
  }

  async all(stages: readonly AuditedStage[]): Promise<StopSignal | undefined> {
    const { place, runId, stop } = this.#ports;
    const silence = stop.listen((how, signal) => {
      this.#signal = signal;
      this.#running?.stop(how, signal);
    });
    const reaper = await startReaper(runId, this.#ports.confine);
    try {
      this.#fault = await straceFault(this.#env, place.root);
      if (this.#fault) this.#ports.onPartial(this.#fault.why, this.#fault.hint);
      makeFolder(this.#folder);
      const copy = await AuditCopy.make(place.root, `${this.#folder}/project`, () => this.#signal !== undefined);
      this.#ports.onUnreadable(copy.unreadable);
      for (const [at, audited] of stages.entries()) {
        if (this.#signal) break;
        const removed = await this.#prepare(audited.stage, copy);
        // Heard in between: nothing is running that could be stopped.
        if (this.#signal) break;
        await this.#one(audited, copy, `${this.#folder}/${at}`, reaper);
        if (at < stages.length - 1) await copy.reset(removed);
      }
      return this.#signal;
    } finally {
      silence();
      await reaper.close();
    }
  }

  /** As in a run: old outs are away, folders of new ones are there. */
  async #prepare({ outs }: Stage, copy: AuditCopy): Promise<string[]> {
    const removed = outs.filter((out) => !out.persist).map((out) => out.path);
    await copy.prepare(() => {
      for (const path of removed) removeTree(`${copy.root}/${path}`);
      for (const { path } of outs)
        if (path.includes('/')) makeFolder(`${copy.root}/${path.slice(0, path.lastIndexOf('/'))}`);
    });
    return removed;
  }

  async #one({ stage, inputs }: AuditedStage, copy: AuditCopy, folder: string, reaper: Reaper): Promise<void> {
    const ports = this.#ports;
    const { root, local } = ports.place;
    makeFolder(folder);
    const watch = nodeWatch(folder, [copy.root, root], this.#fault !== undefined, this.#env['NODE_OPTIONS']);
    const executor = createLocalExecutor({
      reaper,
      env: { ...this.#env, ...watch.env },
      nowMs: ports.nowMs,
      ...(!this.#fault && { wrap: underStrace(folder) }),
    });
    const params = paramsFile(stage, inputs.manifest.params, { runFolder: folder });
    ports.onStart(stage.name);
    this.#running = executor.start({
      stage,
      runId: ports.runId,
      root: copy.root,
      env: stageEnv({
        stage,
        root: copy.root,
        runId: ports.runId,
        ...(params !== undefined && { paramsFile: params }),
        cpus: availableParallelism(),
        reproFolder: ports.reproFolder,
        path: this.#env['PATH'] ?? '',
      }),
      logFile: `${folder}/log`,
      secrets: stage.secrets.flatMap((name) => this.#env[name] ?? []),
      onLine: (line, stream) => ports.onLine(stage.name, line, stream),
    });
    const ended = await this.#running.ended;
    if (this.#signal) return;
    const seen = nothingSeen();
    readTraces(folder, stage.wdir === '.' ? copy.root : `${copy.root}/${stage.wdir}`, seen);
    readNodeWatch(watch, seen);
    seen.reads.delete(watch.preload);
    if (this.#fault && seen.nodeProcesses === 0) throw blind(stage, this.#fault);
    const failed = hasSucceeded(ended.end) ? undefined : commandProblem(stage, ended);
    const observer = this.#fault ? 'node' : 'strace';
    const judging = { root, store: local, copy, env: this.#env, observer } as const;
    ports.onEnd(judgeStage(stage, inputs, seen, copy.differences(), failed, judging), ended);
  }
}

function blind(stage: Stage, fault: { readonly why: string; readonly hint: string }): ReproError {
  const message = `what \`${stage.name}\` reads cannot be seen: ${fault.why}, and it starts no Node that would tell`;
  return new ReproError('config', problem('audit-blind', message, { stage: stage.name, hint: fault.hint }));
}
