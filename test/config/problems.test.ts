// One golden text for each problem code that reading a pipeline can raise: test/golden/problems/<code>.txt holds files and
// what is said about them. Run with UPDATE_GOLDEN=1 to write the texts anew, and read the difference.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderProblems } from '../../src/base/problem-text.ts';
import { PROBLEM_TITLES } from '../../src/base/problem.ts';
import type { Problem } from '../../src/base/problem.ts';
import { isOfOneStage, loadPipeline } from '../../src/config/pipeline.ts';
import { codesOf, memoryReading } from './memory.ts';

const FOLDER = join(import.meta.dirname, '../golden/problems');
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

/** Raised while a pipeline file is read; the other codes belong to other layers. */
const CODES: readonly string[] = [
  'file-missing',
  'file-unreadable',
  'file-too-large',
  'encoding-invalid',
  'yaml-syntax',
  'yaml-limit',
  'json-syntax',
  'toml-syntax',
  'key-duplicate',
  'key-forbidden',
  'key-unknown',
  'key-missing',
  'type-wrong',
  'value-invalid',
  'template-undefined',
  'template-ambiguous',
  'template-syntax',
  'template-type',
  'matrix-empty',
  'expansion-limit',
  'stage-duplicate',
  'stage-name-invalid',
  'dvc-unsupported',
  'dvc-addition',
  'duration-invalid',
  'size-invalid',
  'expression-syntax',
  'expression-name',
  'glob-invalid',
  'params-key-missing',
  'path-outside',
  'path-reserved',
  'path-invalid',
  'out-duplicate',
  'check-no-metric',
  'pipeline-missing',
];

interface Golden {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly input: string;
  readonly expected: string;
}

/** `=== NAME` starts a file, `=== problems` what is said. `\xNN` is a byte, `{{N*text}}` a repetition. */
function readGolden(name: string): Golden {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const [input = '', expected = ''] = text.split('=== problems\n');
  const files: Record<string, string | Uint8Array> = {};
  for (const part of input.split(/^=== /m).slice(1)) {
    const end = part.indexOf('\n');
    const content = part
      .slice(end + 1)
      .replaceAll(/\{\{(\d+)\*([^}]*)\}\}/g, (_, times: string, each: string) => each.repeat(Number(times)));
    const hasBytes = /\\x[0-9a-f]{2}/.test(content);
    const bytes = content.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    files[part.slice(0, end)] = hasBytes ? Buffer.from(bytes, 'latin1') : content;
  }
  return { files, input, expected };
}

const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.config.txt'));

describe('what is said about', () => {
  test.each(NAMES)('%s', (name) => {
    const { files, input, expected } = readGolden(name);
    const { problems, pipeline } = loadPipeline(Object.keys(files)[0] ?? 'pipeline.yaml', memoryReading(files));
    const text = `${renderProblems(problems)}\n`;
    if (UPDATE) writeFileSync(join(FOLDER, name), `${input}=== problems\n${text}`);
    else expect(text).toBe(expected);
    expect(codesOf(problems)).toContain(name.replace(/(?:\.[\w-]+)?\.config\.txt$/, ''));
    // What refuses one stage only leaves the pipeline standing.
    const isFatal = (each: Problem): boolean => each.severity === 'error' && !isOfOneStage(each);
    expect(pipeline === undefined).toBe(problems.some(isFatal));
  });
});

test('every code of this layer has a golden text, and every golden text a code', () => {
  const covered = new Set(NAMES.map((name) => name.replace(/(?:\.[\w-]+)?\.config\.txt$/, '')));
  expect([...covered].sort()).toEqual([...CODES].sort());
  for (const code of CODES) expect(Object.keys(PROBLEM_TITLES)).toContain(code);
});
