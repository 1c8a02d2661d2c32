// The cases that real DVC answered (test/config/dvc-answers.jsonl holds what it said). To ask it again:
//   node bench/dvc/cases.ts | PYTHON_WITH_DVC bench/dvc/answer.py > test/config/dvc-answers.jsonl
import { pathToFileURL } from 'node:url';
import { EXPANSION_CASES } from './cases-expansion.ts';
import { PARAMS_CASES, YAML_CASES } from './cases-reading.ts';
import { TEMPLATE_CASES, VARS_CASES } from './cases-template.ts';
import type { DvcCase } from './case.ts';

export const DVC_CASES: readonly DvcCase[] = [
  ...TEMPLATE_CASES,
  ...VARS_CASES,
  ...EXPANSION_CASES,
  ...YAML_CASES,
  ...PARAMS_CASES,
];

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const each of DVC_CASES) process.stdout.write(`${JSON.stringify(each)}\n`);
}
