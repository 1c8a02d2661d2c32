// Markup that cannot be forged: text and attribute values are escaped when an element is made, and only an element made here
// counts as markup. Tag and attribute names come from the program and are checked; event handlers and inline styles are
// refused, so a page needs no script and no `style` attribute. Knows no pages and no charts.

const MADE = new WeakSet<Markup>();

export interface Markup {
  readonly text: string;
}

/** A string is text, whatever it holds; a number is written as it is; `undefined` and `false` are nothing. */
export type Child = Markup | string | number | undefined | false | readonly Child[];

export type Attributes = Readonly<Record<string, string | number | undefined>>;

const VOID = new Set(['meta', 'br', 'hr', 'link']);
const NAME = /^[a-zA-Z][a-zA-Z0-9:-]*$/;
const FORBIDDEN_TAGS = new Set(['script', 'iframe', 'object', 'embed', 'base', 'form', 'foreignObject', 'style']);
const FORBIDDEN_ATTRIBUTES = /^on|^style$|^srcdoc$|^(xlink:)?href$|^src$|^action$|^formaction$/i;

export function element(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  if (!NAME.test(tag) || FORBIDDEN_TAGS.has(tag)) throw new TypeError(`no page of ours has the element ${tag}`);
  let open = `<${tag}`;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (!NAME.test(name) || FORBIDDEN_ATTRIBUTES.test(name))
      throw new TypeError(`no page of ours has the attribute ${name}`);
    open += ` ${name}="${escapeText(typeof value === 'number' ? numeral(value) : value)}"`;
  }
  return made(VOID.has(tag) ? `${open}>` : `${open}>${children.map(renderChild).join('')}</${tag}>`);
}

/** A link within the page. There is no way to make one that leads elsewhere. */
export function anchor(id: string, ...children: readonly Child[]): Markup {
  return made(
    `<a href="#${escapeText(encodeURIComponent(id.toWellFormed()))}">${children.map(renderChild).join('')}</a>`,
  );
}

/** Several pieces side by side. */
export function fragment(...children: readonly Child[]): Markup {
  return made(children.map(renderChild).join(''));
}

/** A style sheet that the program itself has written; a text from elsewhere has no business here. */
export function styleSheet(css: string): Markup {
  if (/[<\\]/.test(css)) throw new TypeError('a style sheet holds neither `<` nor a backslash');
  return made(`<style>${css}</style>`);
}

/** For text nodes and attribute values in double quotes. Control characters, which no HTML may hold, become U+FFFD. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd'); // oxlint-disable-line no-control-regex
}

/** A coordinate: two decimals are a hundredth of a pixel; what is not finite would break a path, so it is 0. */
export function numeral(value: number): string {
  if (!Number.isFinite(value)) return '0';
  const rounded = Math.round(value * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

function renderChild(child: Child): string {
  if (child === undefined || child === false) return '';
  if (typeof child === 'string') return escapeText(child);
  if (typeof child === 'number') return escapeText(String(child));
  if (isList(child)) return child.map(renderChild).join('');
  if (!MADE.has(child)) throw new TypeError('markup is made by `element` only');
  return child.text;
}

function isList(child: Markup | readonly Child[]): child is readonly Child[] {
  return Array.isArray(child);
}

function made(text: string): Markup {
  const markup: Markup = Object.freeze({ text });
  MADE.add(markup);
  return markup;
}
