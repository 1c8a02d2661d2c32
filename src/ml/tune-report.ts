// A finished study as JSON. Holds no time, host or number of jobs: equal studies give equal bytes.
import { renderJson } from './numbers-json.ts';
import { tuneImportances } from './tune-importance.ts';
import type { Study } from './tune-study.ts';
import type { Trial } from './tune-trial.ts';

/** Text of the report: the best trial, the importance of each parameter, all trials by number. */
export function renderTuneReport(study: Study): string {
  const best = study.best;
  return renderJson({
    study: study.name,
    direction: study.direction,
    best: best === undefined ? null : { number: best.number, value: best.value, params: paramsOf(best) },
    importances: Object.fromEntries(tuneImportances(study)),
    trials: study.trials.filter((trial) => trial.state !== 'waiting').map(reportTrial),
  });
}

function reportTrial(trial: Readonly<Trial>): object {
  return {
    number: trial.number,
    state: trial.state,
    params: paramsOf(trial),
    value: trial.value,
    intermediate: Object.fromEntries(trial.intermediate),
    ...(trial.reason === null ? {} : { reason: trial.reason }),
  };
}

function paramsOf(trial: Readonly<Trial>): object {
  return Object.fromEntries([...trial.params].map(([name, { value }]) => [name, value]));
}
