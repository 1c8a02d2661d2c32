// Tunes a program in any language (docs/tune.md): starts it once per trial with other parameters, writes what was best.
//   node stages/tune.ts --space S.json --objective "CMD" --trials N --seed N [--sampler tpe|random|grid|S.json]
//     [--pruner P.json] [--journal J] [--direction minimize|maximize] [--name NAME] [--jobs N] --out T.json
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { commandObjective } from '../src/ml/tune-command.ts';
import { parseTuneCommand } from '../src/ml/tune-options.ts';
import { renderTuneReport } from '../src/ml/tune-report.ts';
import { openStudy } from '../src/ml/tune-settings.ts';
import { TuneError } from '../src/ml/tune-space.ts';
import { tune } from '../src/ml/tune.ts';
import { openJournalFile } from './tune-journal.ts';
import { killPrograms, startProgram } from './tune-program.ts';

const STOPS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

for (const [signal, code] of Object.entries(STOPS)) {
  // The journal is whole at any instant: what runs now is run again by the next start.
  process.on(signal, () => {
    killPrograms();
    process.exit(code);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  killPrograms();
  console.error(`tune: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof TuneError ? 2 : 1);
}

async function main(): Promise<number> {
  const { settings, objective, trials, jobs, journal, out } = parseTuneCommand(process.argv.slice(2), (file) =>
    readFileSync(file, 'utf8'),
  );
  const study = openStudy(settings, journal === undefined ? undefined : openJournalFile(journal));
  const run = commandObjective(() => startProgram(objective));
  await tune(study, run, { trials, jobs });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, renderTuneReport(study));
  for (const { number, reason } of study.trials.filter((trial) => trial.state === 'failed')) {
    console.error(`tune: trial ${number} failed: ${reason}`);
  }
  if (study.best !== undefined) return 0;
  console.error('tune: no trial was completed');
  return 1;
}
