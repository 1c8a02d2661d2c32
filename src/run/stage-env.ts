// The variables that a stage gets on top of the user's own: where its params are, who runs it, what comes first in PATH.
// Pure; reads no environment of its own.
import type { Stage } from '../config/stage.ts';
import { RUN_ID_VARIABLE } from '../base/reaper.ts';

/** Together with the run's id it marks the processes of one stage. */
export const STAGE_VARIABLE = 'REPRO_STAGE';

export interface StageEnvSpec {
  readonly stage: Stage;
  readonly root: string;
  readonly runId: string;
  /** JSON file of exactly the declared params; absent when the stage declares none. */
  readonly paramsFile?: string;
  readonly cpus: number;
  /** The folder of the running `repro`, so that a stage that calls it gets the same one. */
  readonly reproFolder: string;
  /** The user's PATH. */
  readonly path: string;
}

export function stageEnv(spec: StageEnvSpec): Record<string, string> {
  const { stage, root } = spec;
  return {
    PATH: [`${root}/node_modules/.bin`, spec.reproFolder, spec.path].filter((part) => part !== '').join(':'),
    [RUN_ID_VARIABLE]: spec.runId,
    [STAGE_VARIABLE]: stage.name,
    REPRO_CPUS: String(spec.cpus),
    ...(spec.paramsFile !== undefined && { REPRO_PARAMS: spec.paramsFile }),
    ...(stage.shell === 'dvc' && { DVC_ROOT: root, DVC_STAGE: stage.name }),
  };
}
