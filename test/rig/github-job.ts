// Carries out the jobs of a workflow file on this machine, as far as ours go: `run` steps by the shell that GitHub uses, with
// its environment and files; the few actions by what they are known to do, with folders in place of GitHub's services.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { evaluateExpression, fillIn, isTrue } from './github-expression.ts';
import type { ExpressionScope, Json } from './github-expression.ts';

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'continue-on-error'?: boolean;
}

export interface Job {
  readonly if?: string | boolean;
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export function readWorkflow(text: string): Workflow {
  return parse(text) as Workflow;
}

export interface GithubHost {
  /** What `actions/checkout` clones. */
  readonly repository: string;
  readonly event: 'push' | 'pull_request' | 'schedule' | 'workflow_dispatch';
  /** The base branch of a pull request. */
  readonly baseRef?: string;
  /** Where the cache and the artifacts of all runs lie, and where jobs work. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

type Result = 'success' | 'failure' | 'skipped';

export interface JobEnd {
  readonly result: Result;
  readonly steps: readonly { readonly step: Step; readonly outcome: Result; readonly output: string }[];
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly summary: string;
}

export function runJob(
  workflow: Workflow,
  name: string,
  host: GithubHost,
  needs: Readonly<Record<string, Result>>,
): JobEnd {
  const job = workflow.jobs[name];
  if (!job) throw new Error(`there is no job ${name}`);
  return new JobRun(job, host, needs).carryOut();
}

class JobRun {
  readonly #job: Job;
  readonly #host: GithubHost;
  readonly #needs: Readonly<Record<string, Result>>;
  readonly #workspace: string;
  readonly #temp: string;
  readonly #steps: { step: Step; outcome: Result; output: string }[] = [];
  readonly #outputs: Record<string, Record<string, string>> = {};
  #summary = '';
  #hasFailed = false;

  constructor(job: Job, host: GithubHost, needs: Readonly<Record<string, Result>>) {
    this.#job = job;
    this.#host = host;
    this.#needs = needs;
    const folder = join(host.folder, 'job');
    // Every job begins on an empty machine.
    rmSync(folder, { recursive: true, force: true });
    this.#workspace = join(folder, 'workspace');
    this.#temp = join(folder, 'temp');
    for (const path of [this.#workspace, this.#temp, join(host.folder, 'cache'), join(host.folder, 'artifacts')])
      mkdirSync(path, { recursive: true });
  }

  carryOut(): JobEnd {
    const needed = Object.values(this.#needs).every((end) => end === 'success');
    if (!this.#holds(this.#job.if, needed)) return this.#end('skipped');
    for (const step of this.#job.steps) {
      if (!this.#holds(step.if, !this.#hasFailed)) {
        this.#steps.push({ step, outcome: 'skipped', output: '' });
        continue;
      }
      const { ok, output } = step.run === undefined ? this.#use(step) : this.#run(step, step.run);
      this.#steps.push({ step, outcome: ok ? 'success' : 'failure', output });
      if (!ok && step['continue-on-error'] !== true) this.#hasFailed = true;
    }
    return this.#end(this.#hasFailed ? 'failure' : 'success');
  }

  #end(result: Result): JobEnd {
    return { result, steps: this.#steps, outputs: this.#outputs, summary: this.#summary };
  }

  /** Without a word about what came before, a condition means `success() &&` itself. */
  #holds(condition: string | boolean | undefined, before: boolean): boolean {
    if (condition === undefined) return before;
    const text = String(condition).replaceAll(/^\$\{\{|\}\}$/g, '');
    const saysState = /\b(?:always|success|failure|cancelled)\s*\(/.test(text);
    return (saysState || before) && isTrue(evaluateExpression(text, this.#scope()));
  }

  #scope(): ExpressionScope {
    const steps = Object.fromEntries(
      this.#steps.flatMap(({ step, outcome }) =>
        step.id === undefined ? [] : [[step.id, { outcome, outputs: this.#outputs[step.id] ?? {} }] as const],
      ),
    );
    const needs = Object.fromEntries(Object.entries(this.#needs).map(([name, result]) => [name, { result }]));
    return {
      contexts: {
        github: { event_name: this.#host.event, ref: 'refs/heads/main' },
        runner: { os: 'Linux', temp: this.#temp },
        steps,
        needs,
      },
      functions: {
        cancelled: () => false,
        always: () => true,
        contains: (all, one) => Array.isArray(all) && all.includes(one),
        fromJSON: (text) => JSON.parse(typeof text === 'string' ? text : '') as Json,
        hashFiles: (...globs) => this.#hashFiles(globs.map(String)),
      },
    };
  }

  #hashFiles(globs: readonly string[]): string {
    const hash = createHash('sha256');
    for (const path of globSync([...globs], { cwd: this.#workspace }).toSorted()) {
      const file = join(this.#workspace, path);
      try {
        hash.update(readFileSync(file));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EISDIR')) throw error;
      }
    }
    return hash.digest('hex');
  }

  #run(step: Step, script: string): { readonly ok: boolean; readonly output: string } {
    const file = join(this.#temp, 'step.sh');
    const files = { outputs: join(this.#temp, 'output'), summary: join(this.#temp, 'summary') };
    writeFileSync(file, fillIn(script, this.#scope()));
    for (const path of Object.values(files)) writeFileSync(path, '');
    const { repository, event, baseRef, env } = this.#host;
    const ran = spawnSync('bash', ['-e', file], {
      cwd: this.#workspace,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        ...env,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: this.#workspace,
        GITHUB_EVENT_NAME: event,
        GITHUB_EVENT_PATH: this.#eventFile(repository),
        ...(baseRef !== undefined && { GITHUB_BASE_REF: baseRef }),
        GITHUB_OUTPUT: files.outputs,
        GITHUB_STEP_SUMMARY: files.summary,
        RUNNER_TEMP: this.#temp,
        RUNNER_OS: 'Linux',
        ...step.env,
      },
    });
    if (step.id !== undefined) this.#outputs[step.id] = pairsOf(readFileSync(files.outputs, 'utf8'));
    this.#summary += readFileSync(files.summary, 'utf8');
    return { ok: ran.status === 0, output: ran.stdout + ran.stderr };
  }

  #eventFile(repository: string): string {
    const path = join(this.#temp, 'event.json');
    const before = spawnSync('git', ['rev-parse', 'HEAD^'], { cwd: repository, encoding: 'utf8' }).stdout.trim();
    writeFileSync(path, JSON.stringify({ before: before || '0'.repeat(40) }));
    return path;
  }

  #use(step: Step): { readonly ok: boolean; readonly output: string } {
    const uses = (step.uses ?? '').replace(/@.*/, '');
    const given = Object.fromEntries(
      Object.entries(step.with ?? {}).map(([key, value]) => [key, fillIn(String(value), this.#scope())]),
    );
    const { folder, repository } = this.#host;
    const path = join(this.#workspace, given['path'] ?? '.');
    const place = given['path']?.startsWith('/') ? given['path'] : path;
    switch (uses) {
      case 'actions/checkout': {
        const depth = given['fetch-depth'] === '0' ? [] : ['--depth', '1'];
        const args = ['clone', '--quiet', ...depth, `file://${repository}`, this.#workspace];
        const ran = spawnSync('git', args, { encoding: 'utf8', env: this.#host.env });
        return { ok: ran.status === 0, output: ran.stderr };
      }
      case 'actions/setup-node':
        return { ok: true, output: '' };
      case 'actions/cache/restore':
        return this.#restore(step, given, path);
      case 'actions/cache/save':
        return this.#copy(path, join(folder, 'cache', encodeURIComponent(given['key'] ?? '')));
      case 'actions/upload-artifact':
        return this.#copy(place, join(folder, 'artifacts', given['name'] ?? ''));
      case 'actions/download-artifact':
        return this.#copy(join(folder, 'artifacts', given['name'] ?? ''), path);
      default:
        throw new Error(`nobody knows here what ${uses} does`);
    }
  }

  /** The very key, else the newest whose key begins so. */
  #restore(step: Step, given: Readonly<Record<string, string>>, path: string): { ok: boolean; output: string } {
    const key = given['key'] ?? '';
    const cache = join(this.#host.folder, 'cache');
    const known = readdirSync(cache).map(decodeURIComponent);
    const prefix = given['restore-keys'];
    const found = known.includes(key)
      ? key
      : prefix === undefined
        ? undefined
        : known.findLast((each) => each.startsWith(prefix));
    if (step.id !== undefined)
      this.#outputs[step.id] = {
        'cache-primary-key': key,
        'cache-hit': found === undefined ? '' : String(found === key),
      };
    return found === undefined
      ? { ok: true, output: 'miss' }
      : this.#copy(join(cache, encodeURIComponent(found)), path);
  }

  #copy(from: string, to: string): { readonly ok: boolean; readonly output: string } {
    if (!existsSync(from)) return { ok: false, output: `there is no ${from}` };
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true });
    return { ok: true, output: '' };
  }
}

function pairsOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
