// What the inputs of a stage are at this moment: deps with globs and import closures expanded, params, environment,
// runtime commands. Reads through the ports it is given; decides nothing. An input that an unfinished stage makes is
// `awaited`; one that nothing makes is `absent`.
import type { Problem } from '../base/problem.ts';
import { problem } from '../base/problem.ts';
import { expandGlob } from '../base/glob.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Dep, Stage } from '../config/stage.ts';
import { sha256Hex } from '../store/digest.ts';
import type { Manifest } from '../store/fingerprint.ts';
import type { Hasher, Seen } from '../store/hasher.ts';
import type { Future } from './future.ts';
import type { Graph } from './graph.ts';
import { buildManifest } from './manifest.ts';
import { isModulePath } from './modules.ts';
import type { Closure, Modules } from './modules.ts';
import type { ParamsFacts } from './params-facts.ts';

/** Every path that was looked at, as it was then: to be compared before and after a run. */
export type SeenPaths = ReadonlyMap<string, Seen>;

export type StageInputs =
  | {
      readonly kind: 'known';
      readonly manifest: Manifest;
      readonly seen: SeenPaths;
      readonly globs: ReadonlyMap<string, readonly string[]>;
    }
  | {
      readonly kind: 'open';
      readonly awaits: readonly string[];
      readonly absent: readonly string[];
      readonly seen: SeenPaths;
    };

export interface InputPorts {
  readonly root: string;
  readonly graph: Graph;
  readonly hasher: Hasher;
  readonly modules: Modules;
  readonly params: ParamsFacts;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Output of a `runtime` command; the same command is run once per invocation of repro. */
  readonly runtime: (command: string, stage: Stage) => Promise<string>;
  readonly problem: (problem: Problem) => void;
}

interface Gathered {
  readonly deps: Map<string, string>;
  readonly packages: Map<string, string>;
  readonly awaits: Set<string>;
  readonly absent: Set<string>;
  readonly seen: Map<string, Seen>;
  readonly globs: Map<string, readonly string[]>;
}

export async function readInputs(
  stage: Stage,
  ports: InputPorts,
  future: (path: string) => Future,
): Promise<StageInputs> {
  const gathered: Gathered = {
    deps: new Map(),
    packages: new Map(),
    awaits: new Set(),
    absent: new Set(),
    seen: new Map(),
    globs: new Map(),
  };
  const own = new Set(stage.outs.map((out) => out.path));
  const plain = stage.deps.filter((dep) => !dep.glob).map((dep) => dep.path);
  await ports.hasher.digests(plain.filter((path) => future(path).kind === 'as-is'));
  for (const dep of stage.deps) await gatherDep(dep, { stage, own, ports, future, into: gathered });
  const params = await ports.params.of(stage, future);
  for (const at of params.awaits) gathered.awaits.add(at);
  for (const path of params.absent) gathered.absent.add(path);
  for (const path of params.coming) awaitOwner(path, ports.graph, gathered);
  for (const [path, seen] of await ports.hasher.seen(params.files)) gathered.seen.set(path, seen);
  const { seen } = gathered;
  if (gathered.awaits.size > 0 || gathered.absent.size > 0) {
    return {
      kind: 'open',
      awaits: [...gathered.awaits].sort(byCodeUnit),
      absent: [...gathered.absent].sort(byCodeUnit),
      seen,
    };
  }
  const runtime: Record<string, string> = {};
  for (const command of stage.runtime) runtime[command] = await ports.runtime(command, stage);
  const manifest = buildManifest(stage, {
    deps: toRecord(gathered.deps),
    packages: toRecord(gathered.packages),
    params: params.values,
    env: envDigests(stage, ports.env),
    runtime,
  });
  return { kind: 'known', manifest, seen, globs: gathered.globs };
}

interface Gathering {
  readonly stage: Stage;
  /** Its outs. */
  readonly own: ReadonlySet<string>;
  readonly ports: InputPorts;
  readonly future: (path: string) => Future;
  readonly into: Gathered;
}

async function gatherDep(dep: Dep, gathering: Gathering): Promise<void> {
  const { ports, future, into, own } = gathering;
  if (!dep.glob) return gatherPath(dep.path, dep, gathering);
  const matches = new Set(expandGlob(ports.root, dep.path).filter((path) => !own.has(path)));
  let isComing = false;
  for (const out of ports.graph.outs.matching(dep.path)) {
    const coming = future(out);
    isComing ||= coming.kind !== 'as-is';
    // What matches inside an out that is still to be made, or restored, is known only then.
    if (coming.kind === 'awaits') into.awaits.add(coming.stage);
    else if (coming.kind === 'digest') awaitOwner(out, ports.graph, into);
  }
  if (matches.size === 0 && !isComing) into.absent.add(dep.path);
  const paths = [...matches].sort(byCodeUnit);
  await ports.hasher.digests(paths);
  for (const path of paths) await gatherPath(path, dep, gathering);
  into.globs.set(dep.path, paths);
}

function awaitOwner(path: string, graph: Graph, into: Gathered): void {
  const owner = graph.stages[graph.outs.owner(graph.outs.above(path) ?? '') ?? -1];
  if (owner) into.awaits.add(owner.name);
}

async function gatherPath(path: string, dep: Dep, gathering: Gathering): Promise<void> {
  const { ports, future, into } = gathering;
  const coming = future(path);
  if (coming.kind === 'awaits') {
    into.awaits.add(coming.stage);
    return;
  }
  if (coming.kind === 'digest') {
    into.deps.set(path, coming.digest);
    // What it imports is known only when it is there.
    if (dep.imports && isModulePath(path)) awaitOwner(path, ports.graph, into);
    return;
  }
  const seen = (await ports.hasher.seen([path])).get(path);
  if (seen) into.seen.set(path, seen);
  const digest = seen?.info?.digest ?? null;
  if (digest === null) {
    into.absent.add(path);
    return;
  }
  into.deps.set(path, digest);
  if (dep.imports && isModulePath(path) && !digest.endsWith('/')) await gatherClosure(path, dep, gathering);
}

async function gatherClosure(module: string, dep: Dep, gathering: Gathering): Promise<void> {
  const { ports, future, into, own } = gathering;
  const closure = await ports.modules.closure(module);
  for (const found of closure.problems)
    ports.problem(problem(found.code, found.message, { span: dep.span, hint: found.hint }));
  for (const { paths, problem: found } of closure.missing) {
    const made = paths.find((path) => ports.graph.outs.above(path) !== undefined);
    if (made === undefined) ports.problem(problem(found.code, found.message, { span: dep.span, hint: found.hint }));
    else if (!comesAfterMaker(made, dep, gathering)) continue;
    else if (future(made).kind === 'as-is') into.absent.add(made);
    else awaitOwner(made, ports.graph, into);
  }
  const made = madeFiles(closure, ports.graph);
  const left = new Set<string>();
  for (const path of made) {
    if (own.has(path) || isInside(path, own)) left.add(path);
    else if (comesAfterMaker(path, dep, gathering) && future(path).kind !== 'as-is') {
      awaitOwner(path, ports.graph, into);
      left.add(path);
    }
  }
  const present = left.size === 0 ? closure.files : closure.files.filter((path) => !left.has(path));
  const unseen = present.filter((path) => ports.hasher.peek(path) === undefined);
  const read = unseen.length === 0 ? undefined : await ports.hasher.seen(unseen);
  for (const path of present) {
    const seen = read?.get(path) ?? ports.hasher.peek(path);
    if (!seen) throw new Error(`\`${path}\` was not looked at`);
    into.seen.set(path, seen);
    into.deps.set(path, seen.info?.digest ?? 'absent');
  }
  for (const path of closure.absent) into.deps.set(path, 'absent');
  for (const [name, value] of Object.entries(closure.packages)) into.packages.set(name, value);
}

/** By closure: many stages share one, and most closures hold no out at all. */
const madeIn = new WeakMap<Closure, { readonly graph: Graph; readonly files: readonly string[] }>();

function madeFiles(closure: Closure, graph: Graph): readonly string[] {
  const known = madeIn.get(closure);
  if (known?.graph === graph) return known.files;
  const files = closure.files.filter((path) => graph.outs.above(path) !== undefined);
  madeIn.set(closure, { graph, files });
  return files;
}

/** An import of what another stage makes gives no order by itself: imports are known only while planning. */
function comesAfterMaker(path: string, dep: Dep, { stage, ports: { graph, problem: report } }: Gathering): boolean {
  const maker = graph.outs.owner(graph.outs.above(path) ?? '') ?? -1;
  const seen = new Set([graph.position.get(stage.name) ?? -1]);
  for (const at of seen) {
    if (at === maker) return true;
    for (const up of graph.upstream[at] ?? []) seen.add(up);
  }
  const name = graph.stages[maker]?.name ?? '';
  report(
    problem(
      'dep-undeclared',
      `\`${stage.name}\` imports \`${path}\`, an out of \`${name}\`, and does not come after it`,
      {
        span: dep.span,
        hint: `add \`${path}\` to its deps`,
        stage: stage.name,
      },
    ),
  );
  return false;
}

function isInside(path: string, folders: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    if (folders.has(path.slice(0, at))) return true;
  }
  return false;
}

function envDigests(stage: Stage, env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const name of stage.env) {
    const value = env[name];
    digests[name] = value === undefined ? 'unset' : sha256Hex(value);
  }
  return digests;
}

/** Sorted, so that equal inputs give equal texts without sorting again. */
function toRecord(map: ReadonlyMap<string, string>): Record<string, string> {
  // Without a function to compare, texts are sorted by code units, and several times as fast.
  const keys = [...map.keys()].sort();
  return Object.fromEntries(keys.map((key) => [key, map.get(key) ?? '']));
}
