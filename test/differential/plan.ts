// A random project as data: which stages there are, what they read, what they write, and their commands. Made from plain
// numbers, so that fast-check can shrink it. Knows nothing of `repro`: the pipeline file is only one way to write it down.
export type DepModel =
  | { readonly kind: 'file'; readonly path: string }
  /** A folder of `.txt` files, with a folder `sub` in it. */
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'glob'; readonly path: string };

export interface OutModel {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'metric';
  readonly isCached: boolean;
}

export interface StageModel {
  /** With `@variant` for one of a matrix. */
  readonly name: string;
  /** What an edit of the command changes. */
  readonly tag: string;
  readonly deps: readonly DepModel[];
  /** Keys read through REPRO_PARAMS. */
  readonly params: readonly string[];
  /** A key that the template of the command holds. */
  readonly template: string | null;
  readonly outs: readonly OutModel[];
  readonly wdir: string;
  readonly alwaysChanged: boolean;
}

/** Numbers to choose with: each is taken modulo the number of choices. */
export interface StageDraw {
  readonly deps: readonly (readonly [number, number])[];
  readonly outs: readonly number[];
  readonly params: readonly number[];
  readonly template: number;
  readonly special: number;
}

export const SOURCES: readonly string[] = [
  'src/f0.txt',
  'src/f1.txt',
  'src/f2.txt',
  'g0/n0.txt',
  'g0/n1.txt',
  'g0/sub/n0.txt',
  'g1/n0.txt',
  'g1/sub/n0.txt',
  'w/keep.txt',
];
export const PARAM_KEYS: readonly string[] = ['p0', 'p1', 'q.r'];
/** A stage that reads this word fails, after it has written its outs. */
export const POISON = 'poison';

export function makeStages(draws: readonly StageDraw[]): StageModel[] {
  const stages: StageModel[] = [];
  /** Folders that a later stage reads as a whole: nobody may write there any more. */
  const closed = new Set<string>();
  draws.forEach((draw, n) => {
    const isMatrix = draw.special % 9 === 1;
    const wdir = draw.special % 9 === 2 ? 'w' : '.';
    const deps = uniqueDeps(draw.deps.map(([kind, which]) => makeDep(kind, which, stages, closed)));
    const base = {
      tag: 't0',
      deps,
      // Keys are looked up in the params file of the working folder, and there is only one file.
      params: wdir === '.' ? keysOf(draw.params) : [],
      template: draw.template % 4 === 0 ? 'p1' : null,
      wdir,
      alwaysChanged: draw.special % 19 === 3,
    };
    const variants = isMatrix ? ['a', 'b'] : [''];
    for (const variant of variants) {
      const outs = draw.outs.map((kind, i) => makeOut(kind, `${n}${variant}${i}`, closed));
      // A stage without inputs and outs would be a callback.
      const isAction = outs.length === 0 && deps.length === 0;
      stages.push({
        name: variant === '' ? `s${n}` : `s${n}@${variant}`,
        outs: isAction ? [makeOut(0, `${n}${variant}`, closed)] : outs,
        ...base,
      });
    }
  });
  return stages;
}

function keysOf(draws: readonly number[]): string[] {
  return [...new Set(draws.map((draw) => PARAM_KEYS[draw % PARAM_KEYS.length] ?? 'p0'))].sort();
}

function makeDep(kind: number, which: number, before: readonly StageModel[], closed: Set<string>): DepModel {
  const outs = before.flatMap((stage) => stage.outs);
  const out = outs[which % Math.max(1, outs.length)];
  switch (kind % 8) {
    case 0:
      return { kind: 'folder', path: which % 2 === 0 ? 'g0' : 'g1' };
    case 1:
      return { kind: 'glob', path: which % 2 === 0 ? 'g0/*.txt' : 'g1/*.txt' };
    case 2: {
      const gen = out?.path.startsWith('gen') ? out.path.slice(0, 4) : null;
      if (gen === null) break;
      closed.add(gen);
      return { kind: 'glob', path: `${gen}/*.txt` };
    }
    case 3:
      if (out === undefined || out.kind !== 'folder') break;
      return { kind: 'file', path: `${out.path}/part.txt` };
    case 4:
    case 5:
    case 6:
      if (out === undefined) break;
      return { kind: out.kind === 'folder' ? 'folder' : 'file', path: out.path };
    default:
  }
  return { kind: 'file', path: SOURCES[which % 3] ?? 'src/f0.txt' };
}

function makeOut(kind: number, id: string, closed: ReadonlySet<string>): OutModel {
  const isCached = kind % 7 !== 0;
  const gen = `gen${kind % 2}`;
  const place = kind % 3 === 0 && !closed.has(gen) ? gen : 'out';
  if (kind % 5 === 1) return { path: `out/d${id}`, kind: 'folder', isCached };
  if (kind % 5 === 2) return { path: `metrics/m${id}.json`, kind: 'metric', isCached };
  return { path: `${place}/o${id}.txt`, kind: 'file', isCached };
}

function uniqueDeps(deps: readonly DepModel[]): DepModel[] {
  return [...new Map(deps.map((dep) => [dep.path, dep])).values()];
}

/** Positions of the stages whose outs this one reads. */
export function upstreamOf(stages: readonly StageModel[], at: number): number[] {
  const deps = stages[at]?.deps ?? [];
  return stages.flatMap((stage, up) =>
    up !== at && stage.outs.some((out) => deps.some((dep) => readsOut(dep, out))) ? [up] : [],
  );
}

function readsOut(dep: DepModel, out: OutModel): boolean {
  if (dep.kind === 'glob') return out.kind === 'file' && out.path.startsWith(dep.path.slice(0, -'*.txt'.length));
  return dep.path === out.path || dep.path.startsWith(`${out.path}/`);
}

/** The stages that a target needs, itself included, in order. */
export function ancestry(stages: readonly StageModel[], target: number | null): number[] {
  if (target === null) return stages.map((_, at) => at);
  const wanted = new Set<number>();
  const visit = (at: number): void => {
    if (wanted.has(at)) return;
    wanted.add(at);
    for (const up of upstreamOf(stages, at)) visit(up);
  };
  visit(target);
  return [...wanted].sort((a, b) => a - b);
}

export type ParamValues = Readonly<Record<string, string | number>>;

/** The command as a shell gets it; `value` gives what a template key stands for. */
export function commandOf(stage: StageModel, value: (key: string) => string): string {
  const up = stage.wdir === '.' ? '' : '../';
  const names = stage.deps.flatMap((dep) => (dep.kind === 'file' ? [] : patternsOf(dep).map((p) => up + p)));
  const files = stage.deps.flatMap((dep) => patternsOf(dep).map((p) => up + p));
  const listing = names.length > 0 ? `echo ${names.join(' ')}; ` : '';
  const inputs = [...files, ...(stage.params.length > 0 ? ['"$REPRO_PARAMS"'] : [])];
  const reading = inputs.length > 0 ? `cat ${inputs.join(' ')}` : 'echo nothing';
  const tag = `${stage.name} ${stage.tag}${stage.template === null ? '' : ` ${value(stage.template)}`}`;
  const writes = stage.outs.map((out) => writeOut(out, up));
  return [`x=$(echo "${tag}"; ${listing}${reading})`, ...writes, `case $x in *${POISON}*) exit 3;; esac`].join('; ');
}

function patternsOf(dep: DepModel): string[] {
  if (dep.kind !== 'folder') return [dep.path];
  return [`${dep.path}/*.txt`, `${dep.path}/sub/*.txt`];
}

function writeOut(out: OutModel, up: string): string {
  const path = up + out.path;
  if (out.kind === 'metric') return `set -- $x; echo "{\\"words\\": $#}" > ${path}`;
  if (out.kind === 'file') return `echo "${out.path} $x" > ${path}`;
  return `mkdir -p ${path}/sub; echo "1 $x" > ${path}/part.txt; echo "2 $x" > ${path}/sub/rest.txt`;
}

/** The pipeline file. JSON is YAML. */
export function pipelineText(stages: readonly StageModel[]): string {
  const entries: [string, object][] = stages.map((stage) => [stage.name, entryOf(stage)]);
  const file: Record<string, object> = {};
  for (const [name, entry] of entries) {
    const [base = name, variant] = name.split('@');
    if (variant === undefined) file[name] = entry;
    else if (variant === 'a') file[base] = matrixOf(base, stages);
  }
  return `${JSON.stringify({ stages: file }, null, 1)}\n`;
}

/** Both variants have the same shape and differ in the letter only. */
function matrixOf(base: string, stages: readonly StageModel[]): object {
  const first = stages.find((stage) => stage.name === `${base}@a`);
  const number = base.slice(1);
  const text = JSON.stringify(first === undefined ? {} : entryOf(first))
    .replaceAll(`${base}@a`, `${base}@\${item.v}`)
    .replaceAll(new RegExp(`(/[odm]${number})a`, 'g'), '$1${item.v}');
  return { matrix: { v: ['a', 'b'] }, ...(JSON.parse(text) as object) };
}

function entryOf(stage: StageModel): object {
  const up = stage.wdir === '.' ? '' : '../';
  const cached = ({ path, isCached }: OutModel): unknown => (isCached ? up + path : { [up + path]: { cache: false } });
  const outs = stage.outs.filter((out) => out.kind !== 'metric');
  const metrics = stage.outs.filter((out) => out.kind === 'metric');
  return {
    cmd: commandOf(stage, (key) => `\${${key}}`),
    ...(stage.wdir !== '.' && { wdir: stage.wdir }),
    ...(stage.deps.length > 0 && { deps: stage.deps.map((dep) => up + dep.path) }),
    ...(stage.params.length > 0 && { params: stage.params.map((key) => key) }),
    ...(outs.length > 0 && { outs: outs.map(cached) }),
    ...(metrics.length > 0 && { metrics: metrics.map(cached) }),
    ...(stage.alwaysChanged && { always_changed: true }),
  };
}

/** `q.r` becomes `{ q: { r: ... } }`. */
export function nested(values: ParamValues, keys: readonly string[]): object {
  const root: Record<string, unknown> = {};
  for (const key of keys) {
    const [first = key, second] = key.split('.');
    if (second === undefined) root[first] = values[key];
    else root[first] = { [second]: values[key] };
  }
  return root;
}
