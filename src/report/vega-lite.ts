// The door to vega-lite: a Vega-Lite specification and a theme -> a Vega specification. Evaluates nothing. What the
// compiler says about a template of the project comes back as an error with its words.
import { compile } from 'vega-lite';
import type { Config, TopLevelSpec } from 'vega-lite';
import { themeConfig } from './plot-theme.ts';
import type { ThemeName } from './plot-theme.ts';
import type { Json, JsonMap } from './plot.ts';

export function compileSpec(spec: JsonMap, theme: ThemeName): JsonMap {
  // The compiler checks a specification itself, and throws on what it cannot use.
  const typed = spec as unknown as TopLevelSpec;
  const config = themeConfig(theme) as unknown as Config;
  const compiled = compile(typed, { config, logger: SILENT });
  return JSON.parse(JSON.stringify(compiled.spec)) as Json as JsonMap;
}

/** Its warnings are about versions and defaults; what stops a drawing is thrown. */
const SILENT = {
  level: ((value?: number) => (value === undefined ? 0 : SILENT)) as never,
  error: () => SILENT,
  warn: () => SILENT,
  info: () => SILENT,
  debug: () => SILENT,
};
