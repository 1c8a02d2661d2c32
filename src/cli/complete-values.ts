// The words that completion offers, by kind. Names of stages come from what the last command kept, so that 1,000 of them
// cost no more than reading one file; what cannot be read gives no words.
import { dirname, resolve } from 'node:path';
import { readBytes, readFolder, readText, statPath } from '../base/fs.ts';
import { unreachable } from '../base/problem.ts';
import { findProject } from '../plan/project.ts';
import type { ProjectPlace } from '../plan/project.ts';
import { keptNames, namesIn } from '../plan/kept-names.ts';
import type { StageNames } from '../plan/kept-names.ts';
import type { Completion } from './command.ts';
import { COMMANDS } from './commands.ts';
import { VERSION } from './version.ts';

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

export async function candidatesFor(
  kind: Completion,
  current: string,
  cwd: string,
  file: string | undefined,
): Promise<readonly Candidate[]> {
  try {
    return await candidates(kind, current, cwd, file);
  } catch {
    // Broken files, no project, no git: the user finds out when the command runs, not while typing it.
    return [];
  }
}

async function candidates(
  kind: Completion,
  current: string,
  cwd: string,
  file: string | undefined,
): Promise<readonly Candidate[]> {
  if (typeof kind === 'object') return kind.map((value) => ({ value }));
  switch (kind) {
    case 'file':
      return files(current, cwd, false);
    case 'folder':
      return files(current, cwd, true);
    case 'command':
      return [...COMMANDS.map(({ name, summary }) => ({ value: name, about: summary })), { value: 'help' }];
    case 'stage':
    case 'target':
    case 'out':
      return targets(kind, current, cwd, file);
    case 'revision':
      return revisions(findProject(cwd, file).root);
    case 'run':
      return readFolder(`${findProject(cwd, file).root}/.repro/runs`)
        .filter((entry) => entry.kind === 'folder')
        .map((entry) => ({ value: entry.name }));
    case 'param':
      return params(current, cwd);
    default:
      return unreachable(kind);
  }
}

/** A target may be led by its pipeline file; out paths are offered once something of them is typed. */
async function targets(
  kind: 'stage' | 'target' | 'out',
  current: string,
  cwd: string,
  file: string | undefined,
): Promise<readonly Candidate[]> {
  const led = /^(.+\.ya?ml):/.exec(current);
  const project = findProject(cwd, led?.[1] ?? file);
  const names = await namesOf(project);
  const prefix = led ? led[0] : '';
  const outs = kind === 'out' || current !== prefix ? names.outs : [];
  const stages = [...names.groups, ...names.stages].map((value) => ({ value: prefix + value, about: 'stage' }));
  const paths = outs.map((value) => ({ value: prefix + value, about: 'out' }));
  return [...(kind === 'out' ? [] : stages), ...paths, ...(kind === 'out' ? files(current, cwd, false) : [])];
}

/** The kept names, unless the file was changed since; then it is read. */
async function namesOf(project: ProjectPlace): Promise<StageNames> {
  const keep = `${project.root}/.repro/keep`;
  const [source, kept] = [statPath(`${project.root}/${project.file}`), statPath(keep)];
  const bytes = source && kept && source.mtimeNs < kept.mtimeNs ? readBytes(keep) : null;
  const names = bytes && keptNames(bytes, project.file, VERSION);
  if (names) return names;
  const [{ loadPipeline }, { readingOf }] = await Promise.all([
    import('../config/pipeline.ts'),
    import('../plan/load.ts'),
  ]);
  const { pipeline } = loadPipeline(project.file, readingOf(project), { root: project.root });
  return namesIn(pipeline?.stages ?? [], project.file);
}

async function revisions(root: string): Promise<readonly Candidate[]> {
  const { localRefs } = await import('../base/git.ts');
  const refs = (await localRefs(root)) ?? [];
  return [{ value: 'HEAD' }, ...refs.map(({ name }) => ({ value: name.replace(/^refs\/(?:heads|tags)\//, '') }))];
}

/** Top-level keys of params.yaml, or of the file that leads the word. */
function params(current: string, cwd: string): readonly Candidate[] {
  const led = /^([^:]+\.ya?ml):/.exec(current);
  const text = readText(resolve(cwd, led?.[1] ?? 'params.yaml')) ?? '';
  return [...text.matchAll(/^([A-Za-z_][\w-]*):/gm)].map(([, key = '']) => ({ value: (led?.[0] ?? '') + key }));
}

function files(current: string, cwd: string, foldersOnly: boolean): readonly Candidate[] {
  const folder = current.includes('/') ? current.slice(0, current.lastIndexOf('/') + 1) : '';
  const isHiddenWanted = current.slice(folder.length).startsWith('.');
  return readFolder(folder.startsWith('/') ? dirname(`${folder}x`) : resolve(cwd, folder))
    .filter(({ name }) => isHiddenWanted || !name.startsWith('.'))
    .flatMap(({ name, kind }) => {
      const path = folder + name;
      const isFolder = kind === 'folder' || (kind === 'link' && statPath(resolve(cwd, path))?.isDirectory() === true);
      if (isFolder) return [{ value: `${path}/` }];
      return foldersOnly ? [] : [{ value: path }];
    });
}
