// The door to vega, on the server and in the page: a Vega specification -> a view that evaluates expressions with the
// interpreter (no code is made from text) and loads nothing, whatever the specification asks for.
import { parse, View } from 'vega';
import type { Spec, ViewOptions } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';

export function safeView(spec: Spec, options: Omit<ViewOptions, 'expr' | 'loader'>): View {
  // The parser checks a specification itself.
  const runtime = parse(spec, undefined, { ast: true });
  return new View(runtime, { ...options, expr: expressionInterpreter, loader: NO_LOADER, logLevel: 0 });
}

const refuse = (): Promise<never> => Promise.reject(new Error('a drawing loads nothing'));

/** Links lead nowhere, and an image is one that stands in the specification. To refuse here would be a fault inside Vega. */
function sanitize(
  address: string,
  { context }: { readonly context?: string } = {},
): Promise<{ readonly href: string }> {
  if (context !== 'image') return Promise.resolve({ href: '#' });
  return Promise.resolve({ href: /^data:image\/(?:png|jpeg|gif|webp);base64,/.test(address) ? address : 'data:,' });
}

const NO_LOADER = { load: refuse, sanitize, http: refuse, file: refuse, options: {} } as const;
