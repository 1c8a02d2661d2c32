// What reading a dvc.yaml needs beyond the common readers: the settings of `.dvc/config` that change what templates give or
// that cannot be followed. Knows no stage type.
import { posix } from 'node:path';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { iniPairs } from './ini.ts';
import type { IniPair } from './ini.ts';
import { Place } from './node.ts';
import type { SourceText } from './node.ts';
import { DEFAULT_FLAGS } from './template-text.ts';
import type { FlagSettings } from './template-text.ts';
import { decodeText } from './text.ts';
import type { Reading } from './vars.ts';

const MAX_CONFIG_BYTES = 1 << 20;

/** `parsing.bool` and `parsing.list` of the repository's DVC configuration; `config.local` comes last and wins. */
export function readDvcFlags(
  repositoryDir: string,
  reading: Reading,
): { readonly flags: FlagSettings; readonly problems: readonly Problem[] } {
  let flags = DEFAULT_FLAGS;
  const problems: Problem[] = [];
  for (const name of ['config', 'config.local']) {
    const path = posix.join(repositoryDir, '.dvc', name);
    const bytes = reading.kind(path) === 'file' ? reading.read(path) : null;
    if (!bytes) continue;
    const decoded = decodeText(path, bytes, MAX_CONFIG_BYTES);
    problems.push(...decoded.problems);
    if (!decoded.source) continue;
    for (const setting of settingsOf(decoded.source, 'parsing')) {
      const value = setting.value.toLowerCase();
      if (setting.key === 'bool' && (value === 'store_true' || value === 'boolean_optional'))
        flags = { ...flags, bool: value };
      else if (setting.key === 'list' && (value === 'nargs' || value === 'append')) flags = { ...flags, list: value };
      else if (setting.key === 'bool' || setting.key === 'list') problems.push(badSetting(setting));
    }
  }
  return { flags, problems };
}

/** DVC would compose params from a folder of configurations before it sets values in them. */
export function hydraRefusal(reading: Reading): Problem | undefined {
  for (const path of ['.dvc/config.local', '.dvc/config']) {
    const bytes = reading.kind(path) === 'file' ? reading.read(path) : null;
    const source = bytes && decodeText(path, bytes, MAX_CONFIG_BYTES).source;
    const enabled = source && settingsOf(source, 'hydra').find(({ key }) => key === 'enabled');
    if (!enabled) continue;
    if (enabled.value.toLowerCase() !== 'true') return undefined;
    const message =
      '`hydra.enabled` is set: DVC would compose the params before it sets a value, which is not done here';
    const hint = 'let `dvc exp run -S` compose them, or edit the params file; without `-S` it is read as it is';
    return problem('dvc-unsupported', message, { span: enabled.place.span, hint });
  }
  return undefined;
}

interface Setting extends IniPair {
  readonly place: Place;
}

function settingsOf(source: SourceText, wanted: string): Setting[] {
  return iniPairs(source.text)
    .filter(({ section }) => section === wanted)
    .map((pair) => ({ ...pair, place: new Place(source, pair.start, pair.end) }));
}

function badSetting(setting: Setting): Problem {
  const allowed = setting.key === 'bool' ? '`store_true` or `boolean_optional`' : '`nargs` or `append`';
  return problem('value-invalid', `\`parsing.${setting.key}\` is ${allowed}, not \`${setting.value}\``, {
    span: setting.place.span,
  });
}
