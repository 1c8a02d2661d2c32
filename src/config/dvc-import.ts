// A dvc.yaml as the pipeline.yaml that means the same. Only what has another meaning there is rewritten, in place, so that
// comments, order and spelling of everything else stay. Text in, text out; whether both load to the same stages is checked
// here too. Knows no disk.
import { commandTexts } from './command-lines.ts';
import type { Entry, MapNode, Node, ScalarNode } from './node.ts';
import { isGlob } from './stage-paths.ts';
import type { Stage } from './stage.ts';
import { parseYaml } from './yaml.ts';

export interface ImportedPipeline {
  readonly text: string;
  /** Stages whose script became a list of commands. */
  readonly scripts: readonly string[];
  /** Settings that have no meaning here and were left out, with their lines. */
  readonly dropped: readonly { readonly what: string; readonly line: number }[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The file must have loaded as a dvc.yaml. */
export function importDvcText(file: string, bytes: Uint8Array): ImportedPipeline {
  const { node } = parseYaml(file, bytes, { dialect: 'dvc' });
  if (node?.kind !== 'map') return { text: '', scripts: [], dropped: [] };
  const work = new Rewriting(node.place.source.text);
  const stages = node.get('stages');
  for (const entry of stages?.kind === 'map' ? stages.entries : []) work.stage(entry);
  return { text: work.text(), scripts: work.scripts, dropped: work.dropped };
}

class Rewriting {
  readonly scripts: string[] = [];
  readonly dropped: { what: string; line: number }[] = [];
  readonly #source: string;
  readonly #edits: Edit[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  text(): string {
    let text = this.#source;
    for (const { start, end, text: into } of this.#edits.toSorted((a, b) => b.start - a.start))
      text = text.slice(0, start) + into + text.slice(end);
    return text;
  }

  stage({ key, value }: Entry): void {
    const inner = value.kind === 'map' ? (value.get('do') ?? value) : value;
    if (inner.kind !== 'map') return;
    const cmd = inner.entry('cmd');
    if (cmd?.value.kind === 'scalar') this.#command(key, cmd, cmd.value);
    this.#paths(inner.get('deps'));
    for (const field of ['outs', 'metrics', 'plots']) this.#outs(inner.get(field));
  }

  /** DVC gives each line a shell of its own: that is a list here. */
  #command(stage: string, entry: Entry, node: ScalarNode): void {
    const script = String(node.value);
    const lines = commandTexts({ cmd: [script], script: true, shell: 'dvc' }).filter((line) => line.trim() !== '');
    if (lines.length < 2) return;
    const indent = ' '.repeat(entry.keySpan.column + 1);
    const end = node.place.raw.endsWith('\n') ? '\n' : '';
    // From the colon on: between it and the value stands nothing but the sign of a block, or white space.
    const start = this.#source.indexOf(':', entry.keyPlace.end) + 1;
    const text = `${lines.map((line) => `\n${indent}- ${scalarText(line)}`).join('')}${end}`;
    this.#edits.push({ start, end: node.place.end, text });
    this.scripts.push(stage);
  }

  /** A path of DVC's is never a pattern: a set of one character is that character. */
  #paths(list: Node | undefined): void {
    for (const item of list?.kind === 'list' ? list.items : []) {
      if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value.includes('${')) continue;
      if (!isGlob(item.value)) continue;
      const text = JSON.stringify(item.value.replaceAll(/[*?[{]/g, '[$&]'));
      this.#edits.push({ start: item.place.start, end: item.place.end, text });
    }
  }

  #outs(list: Node | undefined): void {
    for (const item of list?.kind === 'list' ? list.items : []) {
      for (const { value } of item.kind === 'map' ? item.entries : []) if (value.kind === 'map') this.#flags(value);
    }
  }

  /** The remote of an out is a remote of DVC. */
  #flags(flags: MapNode): void {
    const remote = flags.entry('remote');
    if (!remote) return;
    this.dropped.push({ what: `remote: ${remote.value.place.raw}`, line: remote.keySpan.line });
    if (flags.entries.length === 1) {
      this.#edits.push({ start: flags.place.start, end: flags.place.end, text: '{ push: true }' });
      return;
    }
    const next = flags.entries[flags.entries.indexOf(remote) + 1];
    const before = flags.entries[flags.entries.indexOf(remote) - 1];
    if (next) this.#edits.push({ start: remote.keyPlace.start, end: next.keyPlace.start, text: '' });
    else if (before) this.#edits.push({ start: before.value.place.end, end: remote.value.place.end, text: '' });
  }
}

/** A text as YAML: as it is where that reads back the same, else in double quotes. */
function scalarText(text: string): string {
  const isPlain = /^[A-Za-z0-9_./][^\n\r\t]*$/.test(text) && !/: |:$| #|\s$/.test(text);
  const back = isPlain ? parseYaml('', `- ${text}\n`, { dialect: 'repro' }).node : undefined;
  const item = back?.kind === 'list' ? back.items[0] : undefined;
  return item?.kind === 'scalar' && item.value === text ? text : JSON.stringify(text);
}

/** In which fields two stages of the same name differ in meaning. */
export function differingFields(dvc: Stage, ours: Stage): string[] {
  const commands = commandTexts(dvc).filter((line) => line.trim() !== '');
  const outs = (stage: Stage): unknown =>
    stage.outs.map(({ path, kind, cache, persist }) => [path, kind, cache, persist]);
  const deps = (stage: Stage): unknown => stage.deps.map((dep) => dep.path.replaceAll(/\[([*?[{])\]/g, '$1'));
  const params = (stage: Stage): unknown => stage.params.map(({ file, keys }) => [file, keys]);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['cmd', commands, ours.cmd],
    ['wdir', dvc.wdir, ours.wdir],
    ['deps', deps(dvc), deps(ours)],
    ['params', params(dvc), params(ours)],
    ['outs', outs(dvc), outs(ours)],
    ['frozen', dvc.frozen, ours.frozen],
    ['always_changed', dvc.alwaysChanged, ours.alwaysChanged],
  ];
  return pairs.filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b)).map(([name]) => name);
}
