// A stage and a pipeline as they are after everything was read, templated, expanded and checked. Pure data; every path
// is relative to the project root, with `/`, normalised, without a trailing slash. `config/pipeline` is the only maker.
import type { Span } from '../base/problem.ts';
import type { Value } from '../base/value.ts';
import type { Expression } from './expression.ts';

export type Dialect = 'repro' | 'dvc';

export interface Dep {
  /** A path, or a glob pattern when `glob` is set. Relative to the root. */
  readonly path: string;
  readonly glob: boolean;
  /** Follow the imports of JavaScript and TypeScript modules. */
  readonly imports: boolean;
  readonly span: Span;
}

export interface ParamsRef {
  readonly file: string;
  /** Dotted keys (patterns allowed); empty means the whole file. */
  readonly keys: readonly string[];
  readonly span: Span;
}

export type OutKind = 'out' | 'metric' | 'plot';

export interface Out {
  readonly path: string;
  readonly kind: OutKind;
  readonly cache: boolean;
  readonly persist: boolean;
  readonly push: boolean;
  /** How a plot is drawn (template, x, y, x_label, y_label, title, header); plots only. */
  readonly plot?: Value;
  readonly desc?: string;
  readonly span: Span;
}

export interface Check {
  readonly text: string;
  readonly expression: Expression;
  readonly severity: 'error' | 'warn';
  readonly span: Span;
}

export interface Retry {
  readonly limit: number;
  readonly delayMs: number;
  readonly backoff: number;
}

export interface Stage {
  readonly name: string;
  /** The name before `@`: all stages of one matrix or foreach share it. */
  readonly group: string;
  /** Commands in order, each for a shell of its own; DVC's scripts are cut into lines by `commandTexts` only. */
  readonly cmd: readonly string[];
  /** True when `cmd` was one string: one script. */
  readonly script: boolean;
  readonly wdir: string;
  readonly deps: readonly Dep[];
  readonly params: readonly ParamsRef[];
  readonly outs: readonly Out[];
  readonly env: readonly string[];
  readonly secrets: readonly string[];
  readonly runtime: readonly string[];
  readonly shell: 'sh' | 'bash' | 'dvc';
  readonly frozen: boolean;
  readonly alwaysChanged: boolean;
  readonly always: boolean;
  readonly timeoutMs?: number;
  readonly retry?: Retry;
  readonly resources: ReadonlyMap<string, number>;
  readonly when?: { readonly text: string; readonly expression: Expression; readonly span: Span };
  /** Stage or group names. */
  readonly after: readonly { readonly name: string; readonly span: Span }[];
  readonly checks: readonly Check[];
  readonly desc?: string;
  readonly meta?: Value;
  /** Where the stage's name stands. */
  readonly span: Span;
  /** Where the value of each field stands, by field name (`cmd`, `wdir`, ...). */
  readonly places: Readonly<Record<string, Span>>;
}

/** A file whose content went into the Pipeline: the parsed form is kept as long as these digests hold. */
export interface Source {
  readonly path: string;
  /** SHA-256 of its bytes; null when it was looked for and absent. */
  readonly digest: string | null;
}

export interface PlotSpec {
  readonly id: string;
  readonly spec: Value;
  /** Where the id stands; paths in the spec are relative to the folder of that file. */
  readonly span: Span;
}

/** Content as DVC names it. */
export interface DvcContent {
  /** 32 hex digits; a folder's end in `.dir`. */
  readonly md5: string;
  /** Written by DVC before 3.0: text files were hashed with their line ends made equal. */
  readonly legacy: boolean;
  readonly sizeBytes?: number;
  readonly exec: boolean;
}

export interface TrackedOut {
  /** Relative to the root. */
  readonly path: string;
  /** The `.dvc` file. */
  readonly file: string;
  /** Absent when the file names no md5: nothing can be restored. */
  readonly content?: DvcContent;
}

export interface Pipeline {
  /** The pipeline file, relative to the root. */
  readonly file: string;
  /** Its folder, relative to the root (`.` for the root itself). */
  readonly dir: string;
  readonly dialect: Dialect;
  readonly stages: readonly Stage[];
  readonly checks: readonly Check[];
  readonly base?: string;
  readonly better: ReadonlyMap<string, 'higher' | 'lower'>;
  /** Top-level files, relative to the root. */
  readonly params: readonly string[];
  readonly metrics: readonly string[];
  readonly plots: readonly PlotSpec[];
  readonly artifacts?: Value;
  readonly datasets?: Value;
  readonly sources: readonly Source[];
  /** Of a DVC project: every dvc.yaml, `.dvc` file and `.dvcignore` that the graph was made of. */
  readonly members?: readonly string[];
  /** What `.dvc` files track: sources that DVC's cache may hold. */
  readonly tracked?: readonly TrackedOut[];
}
