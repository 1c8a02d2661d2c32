// The flags of `repro add` -> the fields of a stage, and back: which flag a line of the new stage came from.
import type { FieldValue, StageField, StageItem } from '../config/stage-text.ts';
import { usage } from './arguments.ts';
import { flag, text, texts } from './command.ts';
import type { OptionValues } from './command.ts';

export interface FlaggedField extends StageField {
  /** One for the field, or one for each item of a list. */
  readonly flags: readonly string[];
}

export const THE_COMMAND = 'the command';

/** In the order in which people write them. `wdir`: the folder of the command, unless a flag names it. */
export function fieldsOf(values: OptionValues, command: readonly string[], wdir: string): readonly FlaggedField[] {
  const fields: FlaggedField[] = [];
  const single = (name: string, option: string, value: FieldValue | undefined): void => {
    if (value !== undefined && value !== '') fields.push({ name, value, flags: [option] });
  };
  const list = (name: string, ...parts: readonly Part[]): void => {
    const items = parts.flatMap(([option, flags]) =>
      texts(values, option).map((each) => ({ option, item: { text: each, ...(flags && { flags }) } })),
    );
    if (items.length === 0) return;
    const value: StageItem[] = items.map(({ item }) => item);
    fields.push({ name, value, flags: items.map(({ option, item }) => `--${option} ${item.text}`) });
  };
  single('desc', '--desc', text(values, 'desc'));
  single('cmd', THE_COMMAND, commandText(command));
  single('wdir', '--wdir', wdir === '.' ? undefined : wdir);
  list('deps', ['deps']);
  const params = paramsOf(texts(values, 'params'));
  if (params.value.length > 0) fields.push({ name: 'params', ...params });
  const outs: readonly Part[] = [
    ['outs'],
    ['outs-no-cache', { cache: false }],
    ['outs-persist', { persist: true }],
    ['outs-persist-no-cache', { cache: false, persist: true }],
  ];
  list('outs', ...outs);
  list('metrics', ['metrics'], ['metrics-no-cache', { cache: false }]);
  list('plots', ['plots'], ['plots-no-cache', { cache: false }]);
  list('checks', ['check']);
  list('env', ['env']);
  list('after', ['after']);
  single('timeout', '--timeout', text(values, 'timeout'));
  if (flag(values, 'always-changed')) single('always_changed', '--always-changed', true);
  return fields;
}

type Part = readonly [option: string, flags?: Readonly<Record<string, boolean>>];

/** `lr,train.depth` are keys of params.yaml, `other.yaml:a,b` of another file, `other.yaml:` is the whole of it. */
function paramsOf(written: readonly string[]): {
  readonly value: readonly StageItem[];
  readonly flags: readonly string[];
} {
  const value: StageItem[] = [];
  const flags: string[] = [];
  for (const each of written) {
    const split = /^([^:]+\.(?:ya?ml|json|toml)):(.*)$/.exec(each);
    const keys = (split?.[2] ?? each).split(',').filter((key) => key !== '');
    if (keys.length === 0 && !split) throw usage('`--params` needs a key', 'write for example `-p train.lr`');
    if (split) value.push({ text: split[1] ?? '', keys });
    else value.push(...keys.map((key) => ({ text: key })));
    flags.push(...(split ? [each] : keys).map(() => `--params ${each}`));
  }
  return { value, flags };
}

/**
 * One word is the command as it is. Of several, those that a shell would take apart get quotes, as DVC does it; what means
 * something to a shell by itself (`>`, `|`, `$HOME`) stays so.
 */
export function commandText(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (word === '') return '""';
  if (!/\s/.test(word)) return word;
  return word.includes('"') ? `'${word.replaceAll("'", `'\\''`)}'` : `"${word}"`;
}
