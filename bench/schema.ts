// Writes what is made from tables: schema/pipeline.schema.json and docs/pipeline.md from that of the fields, docs/cli.md from
// that of the commands. With `--check` it writes nothing and ends with 1 when a file is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderCliPage } from '../src/cli/help-page.ts';
import { pipelineJsonSchema } from '../src/config/json-schema.ts';
import { renderReferencePage } from '../src/config/reference-page.ts';

const ROOT = join(import.meta.dirname, '..');

/** Path -> content, as it should be. */
export function generatedFiles(): Map<string, string> {
  const page = readFileSync(join(ROOT, 'docs/pipeline.md'), 'utf8');
  return new Map([
    ['schema/pipeline.schema.json', `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`],
    ['docs/pipeline.md', renderReferencePage(page)],
    ['docs/cli.md', renderCliPage()],
  ]);
}

if (import.meta.main) {
  for (const [path, content] of generatedFiles()) {
    const file = join(ROOT, path);
    if (!process.argv.includes('--check')) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    } else if (readFileSync(file, 'utf8') !== content) {
      process.stderr.write(`${path} is out of date: node bench/schema.ts\n`);
      process.exitCode = 1;
    }
  }
}
