// `repro init`: writes the files that a project starts with, made for what is in the folder. Never over a file that is there,
// unless it is told to.
import { relative } from 'node:path';
import { explain } from '../../base/fs-problem.ts';
import { existsPath, readText, realPath } from '../../base/fs.ts';
import { writeAtomic } from '../../base/fs-write.ts';
import { topOf } from '../../base/git.ts';
import { problem, ReproError } from '../../base/problem.ts';
import { loadPipeline } from '../../config/pipeline.ts';
import { readingOf } from '../../plan/load.ts';
import { findProject } from '../../plan/project.ts';
import { askYesNo, LeftAlone } from '../ask.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, safe } from '../format.ts';
import { ignorePaths } from '../git-ignore.ts';
import { WORKFLOW_FILE, writeWorkflow } from '../init-github.ts';
import { scanFolder } from '../init-scan.ts';
import type { FoundStage } from '../init-scan.ts';
import { firstFiles } from '../init-text.ts';
import { projectOf } from '../open.ts';
import { schemaPath } from '../schema-path.ts';
import { usage } from '../arguments.ts';

const CTRL_C_EXIT = 130;

export async function init(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  if (flag(values, 'github')) {
    const { project } = projectOf(invocation);
    const path = await writeWorkflow(project, flag(values, 'force'));
    terminal.out(`${safe(relative(terminal.cwd, path))}\n`);
    return 0;
  }
  if (text(values, 'file') !== undefined) throw usage('`repro init` writes `pipeline.yaml`', 'leave `--file` out');
  const folder = realPath(terminal.cwd) ?? terminal.cwd;
  refuseToOverwrite(folder, flag(values, 'force'));
  const found = scanFolder(folder);
  try {
    return await begin(invocation, folder, found.stages);
  } catch (error) {
    if (!(error instanceof LeftAlone)) throw error;
    terminal.err('\nnothing was written\n');
    return CTRL_C_EXIT;
  }
}

function refuseToOverwrite(folder: string, isForced: boolean): void {
  if (isForced) return;
  if (existsPath(`${folder}/pipeline.yaml`))
    throw new ReproError(
      'usage',
      problem('user-data', 'there is a `pipeline.yaml` already', {
        hint: '`repro add` adds a stage to it; `--force` writes it anew',
      }),
    );
  if (existsPath(`${folder}/dvc.yaml`))
    throw new ReproError(
      'usage',
      problem('user-data', 'this is a DVC project: `repro` runs its `dvc.yaml` as it is', {
        hint: '`repro import dvc --write` makes a pipeline.yaml that means the same',
      }),
    );
}

async function begin({ values, terminal }: Invocation, folder: string, found: readonly FoundStage[]): Promise<number> {
  const asks = !flag(values, 'yes');
  const isWanted =
    found.length === 0 ||
    !asks ||
    (await askYesNo(`Write stages for ${found.map((stage) => stage.deps[0] ?? stage.name).join(', ')}?`, true));
  const isOnGitHub = asks && (await wantsWorkflow(folder));
  const stages = isWanted ? found : [];
  const hasParams = existsPath(`${folder}/params.yaml`);
  const { pipeline, params, outs } = firstFiles(stages, schemaPath(folder), hasParams);
  checkText(folder, pipeline, hasParams ? undefined : params);
  const ignored = readText(`${folder}/.gitignore`) ?? '';
  const written: string[] = [];
  const put = (name: string, content: string): void => {
    explain(`write \`${name}\``, () => writeAtomic(`${folder}/${name}`, content, { durable: true, point: 'init' }));
    written.push(name);
  };
  if (!hasParams) put('params.yaml', params);
  const ignore = ignorePaths(ignorePaths(ignored, ['.repro/'], false), outs);
  if (ignore !== ignored) put('.gitignore', ignore);
  put('pipeline.yaml', pipeline);
  if (isOnGitHub) written.push(relative(folder, await writeWorkflow(findProject(folder, 'pipeline.yaml'), false)));
  for (const name of written) terminal.out(`${safe(name)}\n`);
  const what = stages.length === 0 ? 'an example stage' : count(stages.length, 'stage');
  terminal.err(`
pipeline.yaml holds ${what}. What to type next:
  repro              run it; a second time nothing is left to do
  repro add --help   add a stage
  repro watch        run again whenever a file is saved
`);
  return 0;
}

/** The second question: only where a workflow would be of use. */
async function wantsWorkflow(folder: string): Promise<boolean> {
  const top = topOf(folder);
  if (top === null || existsPath(`${top}/${WORKFLOW_FILE}`)) return false;
  if (!/\bgithub\.com\b/.test(readText(`${top}/.git/config`) ?? '')) return false;
  return askYesNo('Also a workflow for GitHub Actions?', false);
}

/** What was found has odd names at times: nothing is written that would not load. */
function checkText(folder: string, pipeline: string, params: string | undefined): void {
  const overlay = new Map([['pipeline.yaml', Buffer.from(pipeline)]]);
  if (params !== undefined) overlay.set('params.yaml', Buffer.from(params));
  const reading = readingOf({ root: folder, overlay });
  const whole = { ...reading, kind: (path: string) => (overlay.has(path) ? ('file' as const) : reading.kind(path)) };
  const { problems } = loadPipeline('pipeline.yaml', whole, { root: folder });
  const errors = problems.filter((found) => found.severity === 'error');
  if (errors.length > 0) throw new ReproError('config', errors);
}
