// The INI form of DVC's configuration: pairs with their section and place, as far as DVC's own files use it. Text in, pairs
// out; knows no setting.

export interface IniPair {
  /** In lower case, as is the key: `core`, `'remote "x"'`. */
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** Offsets of what is written of it. */
  readonly start: number;
  readonly end: number;
}

/** In the order of the text, of which a line ends in `\n` or, in files of others, `\r\n`. */
export function iniPairs(text: string): IniPair[] {
  const pairs: IniPair[] = [];
  let section = '';
  let offset = 0;
  for (const line of text.split('\n')) {
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line);
    const [, key, written = ''] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (header) section = (header[1] ?? '').toLowerCase();
    else if (key !== undefined) {
      const value = written.replace(/\s+#.*$/, '').replaceAll(/^["']|["']$/g, '');
      const start = offset + line.search(/\S/);
      pairs.push({ section, key: key.toLowerCase(), value, start, end: offset + line.trimEnd().length });
    }
    offset += line.length + 1;
  }
  return pairs;
}
