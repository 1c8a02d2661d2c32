// Times our drift report and page on two CSV files that are already parsed, as the bench times Evidently on two frames in
// memory. usage: node bench/ml/drift.ts R.csv C.csv; prints milliseconds of each of seven rounds as JSON.
import { readFileSync } from 'node:fs';
import { parseCsv } from '../../src/ml/csv.ts';
import { renderDriftPage } from '../../src/ml/drift-page.ts';
import { reportDrift } from '../../src/ml/drift-report.ts';

const [referencePath = '', currentPath = ''] = process.argv.slice(2);
const rounds: number[] = [];
for (let round = 0; round < 7; round++) {
  // Parsed anew each round, so that nothing is kept from the last one.
  const reference = parseCsv(readFileSync(referencePath));
  const current = parseCsv(readFileSync(currentPath));
  const start = performance.now();
  renderDriftPage(reportDrift(reference, current), reference, current);
  rounds.push(performance.now() - start);
}
console.log(JSON.stringify(rounds));
