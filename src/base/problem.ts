// What the user wrote is wrong (Problem), or the command cannot go on (ReproError). Both are data with a stable code,
// a place and a hint; text for the screen is made in one place (base/problem-text). Knows nothing of YAML or stages.
export { didYouMean, nearest } from './nearest.ts';

/** Every code that a user can meet. Codes are API: they are documented, and never reused for something else. */
export type ProblemCode = keyof typeof PROBLEM_TITLES;

/** Code -> what it is about, in one line. docs/troubleshooting.md and the tests walk this table. */
export const PROBLEM_TITLES = {
  // reading files
  'file-missing': 'a file that is needed is not there',
  'file-unreadable': 'a file cannot be read',
  'file-too-large': 'a configuration file is larger than the limit',
  'encoding-invalid': 'a configuration file is not UTF-8',
  'yaml-syntax': 'the text is not YAML',
  'yaml-limit': 'the YAML is too deep, has too many aliases or expands to too much',
  'json-syntax': 'the text is not JSON',
  'toml-syntax': 'the text is not TOML',
  'key-duplicate': 'a key stands twice in one map',
  'key-forbidden': 'a key has a name that is not allowed',
  'key-unknown': 'a key is not known here',
  'key-missing': 'a required key is missing',
  'type-wrong': 'a value has the wrong type',
  'value-invalid': 'a value is not one of those allowed',
  // templates and expansion
  'template-undefined': 'a template names a value that does not exist',
  'template-ambiguous': 'a template value is defined twice with different values',
  'template-syntax': 'a template cannot be read',
  'template-type': 'a template gives a value of a type that cannot stand here',
  'matrix-empty': 'a matrix or foreach expands to no stage',
  'expansion-limit': 'the pipeline expands to more stages than the limit',
  'stage-duplicate': 'two stages have the same name',
  'stage-name-invalid': 'a stage name is not allowed',
  'dvc-unsupported': 'a DVC feature that is not supported here',
  'dvc-addition': 'a field of pipeline.yaml stands in a dvc.yaml',
  // fields
  'duration-invalid': 'a duration cannot be read',
  'size-invalid': 'a size or number is out of range',
  'expression-syntax': 'an expression cannot be read',
  'expression-name': 'an expression names something that does not exist',
  'glob-invalid': 'a glob pattern cannot be used',
  'params-file-missing': 'a params file is not there',
  'params-key-missing': 'a params key does not exist',
  'params-key-ambiguous': 'a params pattern matches more than one key',
  // paths and graph
  'path-outside': 'a path leads outside the project',
  'path-reserved': 'a path lies in a folder that belongs to git or repro',
  'path-invalid': 'a path cannot be used',
  'out-duplicate': 'two stages write the same out',
  'out-overlap': 'one out lies inside another',
  'out-is-dep': 'a stage reads what it writes',
  'out-in-git': 'a cached out is tracked by git',
  'out-case-twin': 'two outs differ only in case or Unicode form',
  'dep-missing': 'a dep is not there and no stage makes it',
  'dep-special': 'a dep is neither a file nor a folder',
  'dep-undeclared': 'a module imports what another stage makes, and nothing says so',
  cycle: 'stages depend on each other in a circle',
  'after-unknown': '`after` names a stage that does not exist',
  'check-no-metric': 'a check names a metric that the stage does not have',
  'module-missing': 'a module imports a file that does not exist',
  'module-syntax': 'a module cannot be read',
  'package-missing': 'a module imports a package that is not installed',
  // plots
  'plot-data': 'the data of a plot cannot be drawn',
  'plot-field': 'a plot names a field that its data does not have',
  'plot-template': 'a plot template cannot be used',
  // usage
  usage: 'the command line is wrong',
  'target-unknown': 'a target names nothing in the pipeline',
  'pipeline-missing': 'there is no pipeline file',
  'platform-unsupported': 'this system is not supported',
  'nested-run': 'a stage started a command that needs the workspace',
  // run
  'stage-failed': 'a stage ended with an error',
  'stage-timeout': 'a stage ran longer than its timeout',
  'stage-cancelled': 'a stage was cancelled',
  'out-missing': 'a stage ended well without making one of its outs',
  'out-special': 'a stage made an out that cannot be kept',
  'inputs-changed': 'an input changed while the stage ran',
  'not-reproducible': 'a stage gave other bytes for the same inputs',
  'audit-blind': 'nothing here can observe what a stage reads',
  'would-change': 'the lock does not match the workspace',
  'revision-missing': 'a git revision is not available',
  // store
  'store-unwritable': 'the store cannot be written',
  'disk-full': 'the disk is full',
  'too-many-files': 'the system ran out of file handles or processes',
  'object-bad': 'an object of the store is damaged',
  'lock-damaged': 'the lock file, or a part of it, cannot be used',
  'format-newer': 'a file was written by a newer repro',
  'workspace-busy': 'another repro works in this workspace',
  'watch-limit': 'the system cannot tell about changes of files',
  'user-data': 'a file would be lost',
  'record-missing': 'there is no record of what is asked for',
  internal: 'a fault in repro itself',
} as const;

/** A place in a text file; it carries its line, so that showing it needs no second look at the file. */
export interface Span {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  readonly length: number;
  /** The whole line, without its end. */
  readonly text: string;
}

export interface Note {
  readonly message: string;
  readonly span?: Span;
}

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** One lower-case sentence without a full stop; names stand in backticks. */
  readonly message: string;
  readonly span?: Span;
  readonly notes?: readonly Note[];
  /** What to do about it. */
  readonly hint?: string;
  /** The stage it is about, for reports by stage. */
  readonly stage?: string;
}

export interface ProblemOptions {
  readonly span?: Span | undefined;
  readonly notes?: readonly Note[];
  readonly hint?: string | undefined;
  readonly stage?: string;
}

export function problem(code: ProblemCode, message: string, options: ProblemOptions = {}): Problem {
  const { span, notes, hint, stage } = options;
  return {
    code,
    severity: 'error',
    message,
    ...(span && { span }),
    ...(notes && notes.length > 0 && { notes }),
    ...(hint !== undefined && { hint }),
    ...(stage !== undefined && { stage }),
  };
}

export function warning(code: ProblemCode, message: string, options: ProblemOptions = {}): Problem {
  return { ...problem(code, message, options), severity: 'warning' };
}

/** The reasons for which a command stops; each has one exit code. */
export type StopKind = 'failed' | 'usage' | 'config' | 'check' | 'busy' | 'remote' | 'would-change' | 'internal';

export const EXIT_CODES: Readonly<Record<StopKind, number>> = {
  failed: 1,
  usage: 2,
  config: 3,
  check: 4,
  busy: 5,
  remote: 6,
  'would-change': 7,
  internal: 70,
};

/** Thrown when a command cannot go on; caught in cli/main only. */
export class ReproError extends Error {
  override readonly name = 'ReproError';
  readonly kind: StopKind;
  readonly problems: readonly Problem[];

  constructor(kind: StopKind, problems: readonly Problem[] | Problem, cause?: unknown) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list.map((p) => p.message).join('; '), cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.problems = list;
  }
}

/** Ends an exhaustive switch: a new member of the union does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
