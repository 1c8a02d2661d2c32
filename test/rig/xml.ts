// A strict reader of XML 1.0 without document types: it throws at everything that is not well-formed, which browsers and
// lenient parsers would let pass. For what tests look at, so names are plain and there are no namespaces.

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly inside. */
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export function readXml(source: string): XmlElement {
  if (FORBIDDEN.test(source)) throw new Error('a character that XML does not have');
  // Every line end is read as one line feed.
  const text = source.replaceAll(/\r\n?/g, '\n');
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(text)?.[0] ?? '';
  const { element, end } = readElement(text, head.length);
  if (text.slice(end).trim() !== '') throw new Error('text after the root');
  return element;
}

function readElement(text: string, at: number): { readonly element: XmlElement; readonly end: number } {
  const open = /^<([a-z][\w-]*)((?:\s+[a-z][\w-]*="[^"<]*")*)\s*(\/?)>/.exec(text.slice(at));
  if (!open) throw new Error(`no element at ${text.slice(at, at + 40)}`);
  const [whole, name = '', attributesText = '', slash] = open;
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of attributesText.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, key)) throw new Error(`${key} stands twice`);
    attributes[key] = unescape(value.replaceAll(/[\t\n]/g, ' '));
  }
  let end = at + whole.length;
  const children: XmlElement[] = [];
  let words = '';
  if (slash === '/') return { element: { name, attributes, children, text: words }, end };
  while (!text.startsWith(`</${name}>`, end)) {
    const next = text.indexOf('<', end);
    if (next < 0) throw new Error(`${name} is not closed`);
    const piece = text.slice(end, next);
    if (piece.includes(']]>')) throw new Error('`]]>` in text');
    words += unescape(piece);
    end = next;
    if (text[next + 1] === '/') {
      if (!text.startsWith(`</${name}>`, end)) throw new Error(`${name} is closed by another name`);
      continue;
    }
    const child = readElement(text, end);
    children.push(child.element);
    end = child.end;
  }
  return { element: { name, attributes, children, text: words }, end: end + name.length + 3 };
}

function unescape(text: string): string {
  return text.replaceAll(/&([^;\s&]*;?)/g, (_all, reference: string) => {
    const name = reference.endsWith(';') ? reference.slice(0, -1) : '';
    const code = /^#(\d+)$/.exec(name)?.[1];
    const found = code === undefined ? ENTITIES[name] : String.fromCodePoint(Number(code));
    if (found === undefined || FORBIDDEN.test(found)) throw new Error(`\`&${reference}\` is no reference`);
    return found;
  });
}
