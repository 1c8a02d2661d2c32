// What programs may import from the package besides the learning kit: plan a project, read its events and records.
export type { RunEvent, Summary, Verdict } from './base/event.ts';
export type { Problem, ProblemCode, Span } from './base/problem.ts';
export { ReproError } from './base/problem.ts';
export type { Change, DecisionKind, OutcomeKind, Reason } from './base/reason.ts';
export type { Pipeline, Stage } from './config/stage.ts';
export { findProject } from './plan/project.ts';
export type { PlannedStage } from './plan/plan.ts';
export { Workspace } from './plan/workspace.ts';
export type { RunRecord } from './store/records.ts';
