// A page in one file that may run our own scripts and nothing else: the policy in its head names them by digest, allows
// pictures that stand in the page itself, and forbids every request. Everything of others is escaped before it gets here:
// text as Markup, data as JSON that cannot end its element. Knows no content.
import { escapeText } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import { pageHead, sourceOf } from '../draw/page-head.ts';

export interface ShellPage {
  readonly title: string;
  /** Style sheets of ours. */
  readonly styles: readonly string[];
  /** Parts of the body, made by `element`, `pictureText` and the like. */
  readonly body: readonly (Markup | SafeText)[];
  /** For programs that read the page, and for our scripts; by id. */
  readonly data?: Readonly<Record<string, object>>;
  /** Scripts of ours, run in this order after the body is there. */
  readonly scripts: readonly string[];
}

/** HTML that was put together here. */
export interface SafeText {
  readonly text: string;
}

export function renderShell({ title, styles, body, data = {}, scripts }: ShellPage): string {
  const scriptSource = scripts.length > 0 ? scripts.map(sourceOf).join(' ') : "'none'";
  const head = pageHead({ title, styles, allowed: [`script-src ${scriptSource}`, 'img-src data:'] });
  const blocks = Object.entries(data).map(
    ([id, value]) => `<script type="application/json" id="${escapeText(id)}">${scriptJson(value)}</script>`,
  );
  const texts = [...body.map(({ text }) => text), ...blocks, ...scripts.map(scriptText)];
  return `<!doctype html>\n<html lang="en">${head.text}<body>${texts.join('\n')}</body></html>\n`;
}

/** JSON that is safe inside a script element: it cannot end the element, start a comment, or break a line of a script. */
export function scriptJson(value: object): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

export interface Picture {
  readonly mediaType: string;
  readonly light: Uint8Array;
  /** Shown where the reader prefers dark; the light one when unset. */
  readonly dark?: Uint8Array;
  /** What it shows, in words. */
  readonly alt: string;
}

const MEDIA_TYPE = /^image\/(?:svg\+xml|png|jpeg|gif|webp)$/;

/** A picture that is part of the page. As an image an SVG can neither run a script nor ask for anything. */
export function pictureText({ mediaType, light, dark, alt }: Picture): SafeText {
  if (!MEDIA_TYPE.test(mediaType)) throw new TypeError(`no page of ours shows ${mediaType}`);
  const url = (bytes: Uint8Array): string => `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`;
  const source = dark ? `<source media="(prefers-color-scheme: dark)" srcset="${url(dark)}">` : '';
  return { text: `<picture>${source}<img alt="${escapeText(alt)}" src="${url(light)}"></picture>` };
}

/** Parts around which stands an element of ours. */
export function wrapText(open: Markup, ...parts: readonly (Markup | SafeText)[]): SafeText {
  const end = open.text.lastIndexOf('</');
  return { text: open.text.slice(0, end) + parts.map(({ text }) => text).join('') + open.text.slice(end) };
}

function scriptText(script: string): string {
  if (/<\/script|<!--/i.test(script)) throw new TypeError('a script of ours would end its element');
  return `<script>${script}</script>`;
}
