// Bundles what a page needs to make its plots live: Vega with its interpreter, in one script without imports. Run by the
// build, and by tests that look at pages in a browser.
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');

export interface PlotViewBundle {
  readonly code: string;
  /** The files that went into it. */
  readonly modules: readonly string[];
}

export async function bundlePlotView(): Promise<PlotViewBundle> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: 'src/report/plot-browser.ts',
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true, codeSplitting: false });
  await bundle.close();
  const [{ code, moduleIds }] = output;
  // A script element ends at the first such text, wherever it stands.
  return { code: code.replaceAll(/<(\/script|!--)/gi, String.raw`\x3c$1`), modules: moduleIds };
}
