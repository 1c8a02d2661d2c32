// `-S key=value`: values for params, written into the params file by a run, laid over it while only planning.
import { readText } from '../base/fs.ts';
import { explain } from '../base/fs-problem.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { problem, ReproError } from '../base/problem.ts';
import { isDvcFile } from '../plan/project.ts';
import type { ProjectPlace } from '../plan/project.ts';
import { usage } from './arguments.ts';
import type { Invocation } from './command.ts';
import { overridesOf } from './open.ts';

/** Path (relative to the root) -> new content; undefined when there is nothing to override. */
export async function applyOverrides(
  invocation: Invocation,
  project: ProjectPlace,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const written = overridesOf(invocation);
  if (written.length === 0) return undefined;
  await refuseHydra(project);
  const { setValues } = await import('../config/yaml-edit.ts');
  const folder = project.file.includes('/') ? project.file.slice(0, project.file.lastIndexOf('/') + 1) : '';
  const overlay = new Map<string, Uint8Array>();
  for (const [file, overrides] of groupByFile(written)) {
    const path = `${folder}${file}`;
    const text = explain('read a file', () => readText(`${project.root}/${path}`), true);
    if (text === null)
      throw new ReproError('config', problem('params-file-missing', `there is no \`${path}\` to set values in`));
    if (path.endsWith('.toml'))
      throw usage('`-S` cannot change TOML files', 'edit the file, or keep these params in YAML');
    const result = setValues(path, text, overrides);
    if (result.text === undefined) throw new ReproError('usage', result.problems);
    if (result.text !== text) overlay.set(path, Buffer.from(result.text));
  }
  return overlay;
}

async function refuseHydra({ root, file }: ProjectPlace): Promise<void> {
  if (!isDvcFile(file)) return;
  const [{ hydraRefusal }, { readingOf }] = await Promise.all([import('../config/dvc.ts'), import('../plan/load.ts')]);
  const refusal = hydraRefusal(readingOf({ root }));
  if (refusal) throw new ReproError('config', refusal);
}

/** In a run the values are written first: the run is then like any other. */
export function writeOverrides(project: ProjectPlace, overlay: ReadonlyMap<string, Uint8Array> | undefined): void {
  for (const [path, bytes] of overlay ?? [])
    explain(`write \`${path}\``, () =>
      writeAtomic(`${project.root}/${path}`, bytes, { durable: true, point: 'params' }),
    );
}

/** `file.yaml:key=value` names another params file. */
function groupByFile(written: readonly string[]): Map<string, { key: string; value: string }[]> {
  const groups = new Map<string, { key: string; value: string }[]>();
  for (const each of written) {
    const split = /^(?:([^=:]+\.(?:ya?ml|json|toml)):)?([^=]+)=([\s\S]*)$/.exec(each);
    if (!split) throw usage(`\`-S ${each}\` is not of the form key=value`, 'write for example `-S train.lr=0.1`');
    const file = split[1] ?? 'params.yaml';
    groups.set(file, [...(groups.get(file) ?? []), { key: (split[2] ?? '').trim(), value: split[3] ?? '' }]);
  }
  return groups;
}
