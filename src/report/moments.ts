// From revisions as the user wrote them to the values of each moment: from what is kept where it is known, else through a
// snapshot. The workspace is one of the revisions. Decides nothing about how they compare.
import { statPath } from '../base/fs.ts';
import { headCommit, resolveRevision } from '../base/git.ts';
import { didYouMean, problem, ReproError } from '../base/problem.ts';
import { isMap, parseCanonical } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { Workspace } from '../plan/workspace.ts';
import { declaredMetrics, declaredParams } from './declared-values.ts';
import type { ValueKind, WantedFiles } from './declared-values.ts';
import { KeptCommits } from './kept-commits.ts';
import type { ValueSet } from './value-set.ts';
import { readTargets, wantedBy } from './value-targets.ts';
import type { ValueTarget } from './value-targets.ts';

export interface Moment {
  /** How it is called in tables. */
  readonly name: string;
  /** Set where it is known already. */
  readonly commit?: string;
}

export interface Selection {
  readonly kind: ValueKind;
  /** Params: only those that stages declare. */
  readonly depsOnly: boolean;
  /** As typed; without any, everything that the pipelines declare. */
  readonly targets: readonly string[];
  /** Where the user stands, relative to the root. */
  readonly folder: string;
}

export const WORKSPACE = 'workspace';

/** Throws a usage error for a revision that git does not know, and for a target that names nothing at any moment. */
export async function setsAt(
  workspace: Workspace,
  moments: readonly Moment[],
  selection: Selection,
): Promise<readonly ValueSet[]> {
  const kept = new KeptCommits(workspace.place.local, workspace.ports.tool);
  if (selection.targets.length > 0) return targetedSets(workspace, kept, moments, selection);
  const trees = new Trees();
  const sets: ValueSet[] = [];
  for (const moment of moments) {
    const known = selection.kind === 'metrics' ? await knownMetrics(workspace, kept, trees, moment) : undefined;
    sets.push(known ?? (await declaredSet(workspace, kept, moment, selection)));
  }
  return sets;
}

/** The metrics of today by the digests of their files, those of a commit as they were kept. */
async function knownMetrics(
  workspace: Workspace,
  kept: KeptCommits,
  trees: Trees,
  moment: Moment,
): Promise<ValueSet | undefined> {
  const common = { name: moment.name, absent: [], broken: new Map(), problems: [] };
  if (moment.name === WORKSPACE) {
    const texts = await workspace.values.texts([...declaredMetrics(workspace.graph.pipeline).keys()]);
    const files = new Map<string, Value>();
    for (const [path, text] of texts) {
      if (text === null) return undefined;
      files.set(path, trees.of(text));
    }
    return { ...common, commit: null, files };
  }
  const commit = moment.commit ?? (await commitOf(workspace, kept, moment.name));
  const texts = commit === undefined ? undefined : kept.metrics(commit, workspace.file);
  if (commit === undefined || texts === undefined) return undefined;
  return { ...common, commit, files: new Map([...texts].map(([path, text]) => [path, trees.of(text)])) };
}

/** Files with the same values share one tree: they are parsed once, and seen to be the same without a look inside. */
class Trees {
  readonly #known = new Map<string, Value>();

  of(text: string): Value {
    const known = this.#known.get(text) ?? parseCanonical(text);
    this.#known.set(text, known);
    return known;
  }
}

/** The commit of a revision; git is not asked for HEAD, nor for its ancestors a second time. */
async function commitOf(workspace: Workspace, kept: KeptCommits, revision: string): Promise<string | undefined> {
  const { root } = workspace.place;
  const [, step] = /^(?:HEAD|@)((?:[~^]\d*)*)$/.exec(revision) ?? [];
  const head = step === undefined ? null : headCommit(root);
  if (step === undefined || head === null) return (await resolveRevision(root, revision)) ?? undefined;
  if (step === '') return head;
  const known = kept.step(head, step);
  if (known !== undefined) return known;
  const commit = await resolveRevision(root, `${head}${step}`);
  if (commit !== null) kept.keepStep(head, step, commit);
  return commit ?? undefined;
}

async function declaredSet(
  workspace: Workspace,
  kept: KeptCommits,
  moment: Moment,
  { kind, depsOnly }: Selection,
): Promise<ValueSet> {
  const snapshot = await snapshotOf(workspace, kept, moment);
  const pipeline = pipelineOf(snapshot, workspace);
  const wanted = kind === 'metrics' ? declaredMetrics(pipeline) : declaredParams(pipeline, depsOnly);
  const set = await read(workspace, snapshot, kind, wanted);
  const isWhole = set.absent.length === 0 && set.broken.size === 0 && set.problems.length === 0;
  if (kind === 'metrics' && set.commit !== null && isWhole) kept.keepMetrics(set.commit, workspace.file, set.files);
  return set;
}

async function targetedSets(
  workspace: Workspace,
  kept: KeptCommits,
  moments: readonly Moment[],
  { kind, targets: texts, folder }: Selection,
): Promise<readonly ValueSet[]> {
  const snapshots: Snapshot[] = [];
  for (const moment of moments) snapshots.push(await snapshotOf(workspace, kept, moment));
  const pipelines = snapshots.map((snapshot) => snapshot.pipeline).filter((pipeline) => pipeline !== null);
  const declared = pipelines.flatMap((pipeline) => [
    ...declaredMetrics(pipeline).keys(),
    ...declaredParams(pipeline, false).keys(),
  ]);
  const exists = (path: string): boolean =>
    declared.some((each) => each === path || each.startsWith(`${path}/`)) ||
    statPath(`${workspace.place.root}/${path}`) !== null;
  const targets = readTargets(texts, { pipelines, folder, exists });
  const sets: ValueSet[] = [];
  for (const snapshot of snapshots) {
    const wanted = wantedBy(targets, kind, snapshot.pipeline);
    sets.push({ ...(await read(workspace, snapshot, kind, wanted)), absent: [] });
  }
  const stranger = targets.find((target) => !sets.some((set) => isIn(target, set)));
  if (stranger) {
    const stages = pipelines.flatMap((pipeline) => pipeline.stages.flatMap(({ name, group }) => [name, group]));
    const isRevision = (await resolveRevision(workspace.place.root, stranger.written)) !== null;
    throw unknownTarget(stranger, kind, sets, isRevision ? [] : [...new Set([...declared, ...stages])]);
  }
  return sets;
}

function isIn(target: ValueTarget, set: ValueSet): boolean {
  if (target.kind === 'stages') return true;
  const isNamed = (path: string): boolean => path === target.path || path.startsWith(`${target.path}/`);
  if ([...set.broken.keys()].some(isNamed)) return true;
  const trees = [...set.files].filter(([path]) => isNamed(path)).map(([, tree]) => tree);
  return target.key === undefined ? trees.length > 0 : trees.some((tree) => isMap(tree) && tree.size > 0);
}

function unknownTarget(
  target: ValueTarget,
  kind: ValueKind,
  sets: readonly ValueSet[],
  names: readonly string[],
): ReproError {
  const what = kind === 'metrics' ? 'metric' : 'param';
  const [only, second] = sets;
  const where =
    second !== undefined || only === undefined
      ? 'at any of these revisions'
      : only.commit === null
        ? 'in the workspace'
        : `at \`${only.name}\``;
  const message =
    target.kind === 'file' && target.key !== undefined
      ? `\`${target.written}\` names no ${what} ${where}`
      : `there is no ${kind} file, folder or stage \`${target.written}\` ${where}`;
  const isRevision = names.length === 0 && sets.length === 1;
  const hint = isRevision
    ? `a revision stands behind \`--rev\`: \`repro ${kind} show --rev ${target.written}\``
    : (didYouMean(target.written, names) ?? `\`repro ${kind} show\` lists them`);
  return new ReproError('usage', problem('target-unknown', message, { hint }));
}

async function snapshotOf(workspace: Workspace, kept: KeptCommits, moment: Moment): Promise<Snapshot> {
  if (moment.name === WORKSPACE) return workspace.snapshot(WORKSPACE);
  const commit = moment.commit ?? (await commitOf(workspace, kept, moment.name));
  if (commit === undefined && (await lacksCommits(workspace.place.root))) throw nothingCommitted(moment.name);
  return { ...(await workspace.snapshot(commit ?? moment.name)), name: moment.name };
}

/** No repository, or one without a commit. */
export async function lacksCommits(root: string): Promise<boolean> {
  return headCommit(root) === null && (await resolveRevision(root, 'HEAD')) === null;
}

function nothingCommitted(revision: string): ReproError {
  const message = `there is no git commit yet, so there is no revision \`${revision}\``;
  const hint = 'make the project a git repository and commit, then there is something to compare with';
  return new ReproError('usage', problem('revision-missing', message, { hint }));
}

/** Where the file of a commit has errors, what is declared today says at least which files to look for. */
function pipelineOf({ pipeline, problems }: Snapshot, workspace: Workspace): Snapshot['pipeline'] {
  return pipeline ?? (problems.length > 0 ? workspace.graph.pipeline : null);
}

async function read(workspace: Workspace, snapshot: Snapshot, kind: ValueKind, wanted: WantedFiles): Promise<ValueSet> {
  const { readValueSet } = await import('./value-reading.ts');
  return readValueSet(snapshot, kind, wanted, workspace.graph.pipeline.dialect);
}
