// `repro init --github`: looks at a project and writes the workflow that fits it, at the top of its git repository. Looks at
// names of files and at package-lock.json, at nothing else.
import { posix, relative } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { existsPath, makeFolder, readText } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { branchOf, topOf } from '../base/git.ts';
import { problem, ReproError } from '../base/problem.ts';
import type { ProjectPlace } from '../plan/project.ts';
import { VERSION } from './version.ts';
import { renderWorkflow } from './workflow-template.ts';

export const WORKFLOW_FILE = '.github/workflows/repro.yml';

/** The path of what was written, absolute. */
export async function writeWorkflow(project: ProjectPlace, force: boolean): Promise<string> {
  const top = topOf(project.root);
  if (top === null)
    throw new ReproError(
      'usage',
      problem('usage', 'this is no git repository: GitHub runs a workflow in one', { hint: 'begin with `git init`' }),
    );
  const path = `${top}/${WORKFLOW_FILE}`;
  if (existsPath(path) && !force)
    throw new ReproError(
      'usage',
      problem('user-data', `\`${WORKFLOW_FILE}\` is there already`, { hint: '`--force` writes it anew' }),
    );
  const folder = relative(top, posix.dirname(`${project.root}/${project.file}`));
  const shown = posix.join(folder, posix.basename(project.file));
  if (/[\n\r]|\$\{\{/.test(shown))
    throw new ReproError('usage', problem('path-invalid', `\`${shown}\` cannot be named in a workflow`));
  const here = (name: string): boolean => existsPath(`${top}/${name}`);
  const pipelineFile = posix.basename(project.file);
  const packageFolder = [folder, ''].find((at) => here(posix.join(at, 'package-lock.json')));
  const text = renderWorkflow({
    branch: (await branchOf(top)) ?? 'main',
    folder,
    pipelineFile,
    storeFolder: posix.join(relative(top, project.root), '.repro'),
    // Not every input: an older store is a good start, too.
    keyFiles: [
      ...[lockOf(pipelineFile), pipelineFile, 'params.yaml'].map((name) => posix.join(folder, name)),
      ...(packageFolder === undefined ? [] : [posix.join(packageFolder, 'package-lock.json')]),
      ...[posix.join(folder, 'requirements.txt')].filter(here),
    ],
    packageFolder,
    version: packageFolder !== undefined && namesRepro(`${top}/${packageFolder}`) ? undefined : VERSION,
    requirements: here(posix.join(folder, 'requirements.txt')) ? 'requirements.txt' : undefined,
  });
  explain(`write ${WORKFLOW_FILE}`, () => {
    makeFolder(posix.dirname(path));
    writeAtomic(path, text, { durable: true, point: 'workflow' });
  });
  return path;
}

function lockOf(pipelineFile: string): string {
  return pipelineFile === 'dvc.yaml' ? 'dvc.lock' : pipelineFile.replace(/\.ya?ml$/, '.lock');
}

function namesRepro(folder: string): boolean {
  return (readText(`${folder}/package-lock.json`) ?? '').includes('"node_modules/repro"');
}
