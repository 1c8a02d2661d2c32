// What a case for DVC looks like, and short ways to write one. Knows no answers.

export interface ProjectCase {
  readonly name: string;
  readonly kind: 'project';
  readonly files: Readonly<Record<string, string>>;
  /** The pipeline file, when it is not dvc.yaml. */
  readonly file?: string;
}

export interface YamlCase {
  readonly name: string;
  readonly kind: 'yaml';
  readonly text: string;
}

export interface ParamsCase {
  readonly name: string;
  readonly kind: 'params';
  readonly file: string;
  readonly text: string;
  readonly keys: readonly string[];
}

export type DvcCase = ProjectCase | YamlCase | ParamsCase;

export function project(
  name: string,
  dvcYaml: string,
  params?: string,
  more: Record<string, string> = {},
): ProjectCase {
  const files = { 'dvc.yaml': dvcYaml, ...(params !== undefined && { 'params.yaml': params }), ...more };
  return { name, kind: 'project', files };
}

/** One stage with this command, written as it stands there. */
export function command(name: string, cmd: string, params?: string, more: Record<string, string> = {}): ProjectCase {
  return project(name, `stages:\n  t:\n    cmd: ${cmd}\n`, params, more);
}

/** One repeated stage: the lines below `r:`. */
export function repeated(name: string, lines: string, params?: string): ProjectCase {
  return project(name, `stages:\n  r:\n${lines.replaceAll(/^(?=.)/gm, '    ')}\n`, params);
}

export function yaml(text: string): YamlCase {
  return { name: `yaml: ${text}`, kind: 'yaml', text };
}
