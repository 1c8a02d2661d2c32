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

/** For data, for the images and the links of a drawing. */
const NO_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} } as const;
