// The same trivial stages in the words of each peer: what is written, what is typed, what has to go so that nothing is known.
// Each in the form that suits the peer best.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PeerName } from './peers.ts';
import { inputName, outName, removeOuts, run, takeAway, trivialCommand, writeTrivialStages } from './projects.ts';

export interface PeerProject {
  readonly write: (root: string, count: number, program: string) => void;
  readonly command: (program: string) => readonly string[];
  readonly env: (root: string) => Readonly<Record<string, string>>;
  /** What it knows of earlier runs. */
  readonly state: readonly string[];
  readonly input: (i: number) => string;
  readonly removeOuts: (root: string, count: number) => void;
  /** Whether it brings back an out that was deleted, without running its command. */
  readonly restores: boolean;
  /** It is not asked for more stages than this, and why. */
  readonly most?: { readonly count: number; readonly why: string };
}

const JOBS = 2;
const PLAIN = { env: () => ({}), input: inputName, removeOuts, restores: false } as const;

export const PEER_PROJECTS: Readonly<Record<PeerName, PeerProject>> = {
  dvc: {
    ...PLAIN,
    write: (root, count, program) => {
      run(root, ['git', 'init', '-q']);
      run(root, [program, 'init', '-q'], dvcEnvironment(root));
      writeTrivialStages(root, count, 'dvc.yaml');
    },
    command: (program) => [program, 'repro', '-q'],
    env: dvcEnvironment,
    state: ['.dvc/cache', '.dvc/tmp', 'dvc.lock', '../site'],
    restores: true,
    most: { count: 100, why: 'a first run of 1,000 stages takes it many minutes' },
  },
  snakemake: {
    ...PLAIN,
    // One rule for all: it is quicker than a rule for each.
    write: (root, count) => {
      writeInputs(root, count);
      writeFileSync(
        join(root, 'Snakefile'),
        `rule all:\n    input: [f"out{i}.txt" for i in range(${count})]\n\nrule s:\n    input: "in{i}.txt"\n    output: "out{i}.txt"\n    shell: "echo {wildcards.i} > {output}"\n`,
      );
    },
    command: (program) => [program, '--quiet', 'all', '--cores', String(JOBS)],
    state: ['.snakemake'],
  },
  make: {
    ...PLAIN,
    write: (root, count) => {
      writeInputs(root, count);
      const rules = indices(count).map((i) => `${outName(i)}: ${inputName(i)}\n\t${trivialCommand(i)}\n`);
      writeFileSync(join(root, 'Makefile'), `all: ${indices(count).map(outName).join(' ')}\n${rules.join('')}`);
    },
    command: (program) => [program, '-s', `-j${JOBS}`, 'all'],
    state: [],
  },
  ninja: {
    ...PLAIN,
    write: (root, count) => {
      writeInputs(root, count);
      const rules = indices(count).map((i) => `build ${outName(i)}: r ${inputName(i)}\n  c = ${trivialCommand(i)}\n`);
      writeFileSync(join(root, 'build.ninja'), `rule r\n  command = $c\n${rules.join('')}`);
    },
    command: (program) => [program, `-j${JOBS}`],
    state: ['.ninja_log', '.ninja_deps'],
  },
  turbo: {
    write: writeTurbo,
    command: (program) => [program, 'run', 'build', `--concurrency=${JOBS}`, '--output-logs=none'],
    env: () => ({ TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }),
    state: ['.turbo'],
    input: (i) => `packages/p${i}/in.txt`,
    removeOuts: (root, count) => {
      for (const i of indices(count)) takeAway(join(root, `packages/p${i}/out.txt`));
    },
    restores: true,
    most: { count: 100, why: 'each stage is a package of its own' },
  },
  wireit: {
    ...PLAIN,
    write: writeWireit,
    // Quicker than `npm run`.
    command: () => [process.execPath, '--run', 'all'],
    env: () => ({ WIREIT_PARALLEL: String(JOBS), WIREIT_LOGGER: 'quiet-ci' }),
    state: ['.wireit'],
    restores: true,
  },
};

function writeTurbo(root: string, count: number, program: string): void {
  linkModules(root, program);
  writeJson(root, 'package.json', {
    private: true,
    name: 'all',
    packageManager: 'npm@11.0.0',
    workspaces: ['packages/*'],
  });
  writeJson(root, 'turbo.json', { tasks: { build: { outputs: ['out.txt'] } } });
  writeFileSync(join(root, '.gitignore'), 'out.txt\n.turbo\nnode_modules\n');
  for (const i of indices(count)) {
    mkdirSync(join(root, `packages/p${i}`), { recursive: true });
    writeJson(root, `packages/p${i}/package.json`, { name: `p${i}`, scripts: { build: `echo ${i} > out.txt` } });
    writeFileSync(join(root, `packages/p${i}/in.txt`), `input ${i}\n`);
  }
  run(root, ['git', 'init', '-q']);
  run(root, ['git', 'add', '.']);
  run(root, ['git', '-c', 'user.name=b', '-c', 'user.email=b@example.org', 'commit', '-qm', 'bench']);
}

function writeWireit(root: string, count: number, program: string): void {
  linkModules(root, program);
  writeInputs(root, count);
  const names = indices(count).map((i) => `s${i}`);
  const stages = indices(count).map(
    (i) => [`s${i}`, { command: trivialCommand(i), files: [inputName(i)], output: [outName(i)] }] as const,
  );
  writeJson(root, 'package.json', {
    private: true,
    scripts: Object.fromEntries(['all', ...names].map((name) => [name, 'wireit'])),
    wireit: { all: { dependencies: names }, ...Object.fromEntries(stages) },
  });
}

/** `node_modules` of the folder that the program lies in: `.../node_modules/.bin/program`. */
function linkModules(root: string, program: string): void {
  symlinkSync(dirname(dirname(program)), join(root, 'node_modules'));
}

function dvcEnvironment(root: string): Record<string, string> {
  return { DVC_NO_ANALYTICS: 'true', DVC_SITE_CACHE_DIR: join(root, '../site') };
}

function writeInputs(root: string, count: number): void {
  for (const i of indices(count)) writeFileSync(join(root, inputName(i)), `input ${i}\n`);
}

function writeJson(root: string, name: string, value: object): void {
  writeFileSync(join(root, name), `${JSON.stringify(value, null, 2)}\n`);
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
