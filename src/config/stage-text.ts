// A stage as YAML text, written as a person would write it: plain scalars where YAML reads them as the same text, quotes
// where not, a block for a command of several lines. Text only; what it means is the loader's business.

export interface StageField {
  readonly name: string;
  readonly value: FieldValue;
}

export type FieldValue = string | boolean | readonly StageItem[];

export interface StageItem {
  readonly text: string;
  /** The flags of an out (`cache: false`), or the keys of a params file. */
  readonly flags?: Readonly<Record<string, boolean>>;
  readonly keys?: readonly string[];
}

export interface StageLine {
  readonly text: string;
  /** The field that the line belongs to, and which item of it. */
  readonly field?: string;
  readonly item?: number;
}

/** Lines of a block map, `indent` deep, each level `step` deeper. */
export function renderStage(name: string, fields: readonly StageField[], indent: number, step: number): StageLine[] {
  const outer = ' '.repeat(indent);
  const inner = ' '.repeat(indent + step);
  const lines: StageLine[] = [{ text: `${outer}${scalarText(name)}:` }];
  for (const { name: field, value } of fields) {
    if (typeof value === 'boolean') lines.push({ text: `${inner}${field}: ${String(value)}`, field });
    else if (typeof value === 'string') lines.push(...textLines(field, value, inner, step));
    else {
      lines.push({ text: `${inner}${field}:`, field });
      const deep = inner + ' '.repeat(step);
      for (const [item, each] of value.entries()) lines.push({ text: `${deep}- ${itemText(each)}`, field, item });
    }
  }
  return lines;
}

/** The same on one line, for a file whose stages stand between braces. */
export function renderFlowStage(name: string, fields: readonly StageField[]): string {
  const parts = fields.map(({ name: field, value }) => {
    if (typeof value === 'boolean') return `${field}: ${String(value)}`;
    if (typeof value === 'string') return `${field}: ${JSON.stringify(value)}`;
    return `${field}: [${value.map((item) => itemText(item, JSON.stringify)).join(', ')}]`;
  });
  return `${JSON.stringify(name)}: { ${parts.join(', ')} }`;
}

/** One scalar on one line, in the plainest form that YAML reads back as this very text. */
export function scalarText(text: string): string {
  if (isPlain(text)) return text;
  return /[^\u0020-\u007e\u00a1-\ud7ff]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}

function textLines(field: string, value: string, inner: string, step: number): StageLine[] {
  const isBlock = value.includes('\n') && !/[^\n\u0020-\u007e\u00a1-\ud7ff]|^[ \n]|[ ]$|\n\n$/m.test(value);
  if (!isBlock) return [{ text: `${inner}${field}: ${scalarText(value)}`, field }];
  const chomp = value.endsWith('\n') ? '' : '-';
  const body = value.replace(/\n$/, '').split('\n');
  return [
    { text: `${inner}${field}: |${chomp}`, field },
    ...body.map((line) => ({ text: `${inner}${' '.repeat(step)}${line}`, field })),
  ];
}

function itemText({ text, flags, keys }: StageItem, write: (text: string) => string = scalarText): string {
  if (keys) return `{ ${write(text)}: [${keys.map((key) => write(key)).join(', ')}] }`;
  if (!flags) return write(text);
  const pairs = Object.entries(flags).map(([name, value]) => `${name}: ${String(value)}`);
  return `{ ${write(text)}: { ${pairs.join(', ')} } }`;
}

/** Narrower than YAML is: what could be taken for another type, or means something between braces, gets quotes. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z_./$][\u0020-\u007e\u00a1-\ud7ff]*$/.test(text) || text.endsWith(' ')) return false;
  if (/: | #|:$|[[\]{},]/.test(text)) return false;
  return !/^(?:true|false|null|yes|no|on|off|y|n|\.inf|\.nan|\.[0-9].*)$/i.test(text);
}
