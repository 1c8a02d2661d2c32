// The head of every page that we write: what a browser must know, and a policy that forbids every request and names our own
// style sheets and scripts by digest. Knows neither the body of a page nor its look.
import { createHash } from 'node:crypto';
import { element, styleSheet, type Markup } from './markup.ts';

export interface PageHead {
  readonly title: string;
  /** Style sheets of ours. */
  readonly styles: readonly string[];
  /** What the policy allows besides them, as `img-src data:`. */
  readonly allowed?: readonly string[];
}

export function pageHead({ title, styles, allowed = [] }: PageHead): Markup {
  const policy = [
    "default-src 'none'",
    `style-src ${styles.map(sourceOf).join(' ')}`,
    ...allowed,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy.join('; ') }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { name: 'referrer', content: 'no-referrer' }),
    element('title', {}, title),
    styles.map(styleSheet),
  );
}

/** A text of ours as a source that the policy can allow. */
export function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
