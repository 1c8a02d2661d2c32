// A Pipeline as JSON and back, so that an unchanged configuration is not parsed again. Spans repeat a lot (all stages of
// a matrix share theirs), so they are kept in one list and named by number. Knows nothing of files.
import type { Span } from '../base/problem.ts';
import { canonicalText, parseCanonical } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Check, Out, Pipeline, Stage } from '../config/stage.ts';

/** Raise it when Pipeline or this form changes: other versions are not read. */
export const FROZEN_VERSION = 4;

type Places = Readonly<Record<string, number>>;
type FrozenCheck = Omit<Check, 'span'> & { readonly span: number };
type FrozenOut = Omit<Out, 'span' | 'plot'> & { readonly span: number; readonly plot?: string };

interface FrozenStage extends Omit<
  Stage,
  'deps' | 'params' | 'outs' | 'checks' | 'resources' | 'when' | 'after' | 'meta' | 'span' | 'places'
> {
  readonly deps: readonly (readonly [path: string, glob: boolean, imports: boolean, span: number])[];
  readonly params: readonly (readonly [file: string, keys: readonly string[], span: number])[];
  readonly outs: readonly FrozenOut[];
  readonly checks: readonly FrozenCheck[];
  readonly resources: readonly (readonly [string, number])[];
  readonly when?: Omit<NonNullable<Stage['when']>, 'span'> & { readonly span: number };
  readonly after: readonly (readonly [name: string, span: number])[];
  readonly meta?: string;
  readonly span: number;
  readonly places: Places;
}

interface FrozenRest extends Omit<Pipeline, 'stages' | 'checks' | 'better' | 'plots' | 'artifacts' | 'datasets'> {
  readonly checks: readonly FrozenCheck[];
  readonly better: readonly (readonly [string, 'higher' | 'lower'])[];
  readonly plots: readonly (readonly [id: string, spec: string, span: number])[];
  readonly artifacts?: string;
  readonly datasets?: string;
}

export interface FrozenPipeline {
  readonly version: number;
  readonly spans: readonly Span[];
  readonly rest: FrozenRest;
  readonly stages: readonly FrozenStage[];
}

export function freezePipeline(pipeline: Pipeline): FrozenPipeline {
  const spans = new SpanList();
  const { stages, checks, better, plots, artifacts, datasets, ...rest } = pipeline;
  const frozenStages = stages.map((stage) => freezeStage(stage, spans));
  const frozenRest: FrozenRest = {
    ...rest,
    checks: checks.map((check) => ({ ...check, span: spans.add(check.span) })),
    better: [...better],
    plots: plots.map(({ id, spec, span }) => [id, canonicalText(spec), spans.add(span)]),
    ...(artifacts !== undefined && { artifacts: canonicalText(artifacts) }),
    ...(datasets !== undefined && { datasets: canonicalText(datasets) }),
  };
  return { version: FROZEN_VERSION, spans: spans.list, rest: frozenRest, stages: frozenStages };
}

function freezeStage(stage: Stage, spans: SpanList): FrozenStage {
  const { deps, params, outs, checks, resources, when, after, meta, span, places, ...rest } = stage;
  return {
    ...rest,
    deps: deps.map((dep) => [dep.path, dep.glob, dep.imports, spans.add(dep.span)]),
    params: params.map((ref) => [ref.file, ref.keys, spans.add(ref.span)]),
    outs: outs.map(({ plot, ...out }) => ({
      ...out,
      span: spans.add(out.span),
      ...(plot !== undefined && { plot: canonicalText(plot) }),
    })),
    checks: checks.map((check) => ({ ...check, span: spans.add(check.span) })),
    resources: [...resources],
    ...(when && { when: { ...when, span: spans.add(when.span) } }),
    after: after.map((each) => [each.name, spans.add(each.span)]),
    ...(meta !== undefined && { meta: canonicalText(meta) }),
    span: spans.add(span),
    places: Object.fromEntries(Object.entries(places).map(([field, place]) => [field, spans.add(place)])),
  };
}

class SpanList {
  readonly list: Span[] = [];
  readonly #known = new Map<Span, number>();

  add(span: Span): number {
    let at = this.#known.get(span);
    if (at === undefined) {
      at = this.list.push(span) - 1;
      this.#known.set(span, at);
    }
    return at;
  }
}

export function thawPipeline(frozen: FrozenPipeline): Pipeline {
  const { spans } = frozen;
  const { checks, better, plots, artifacts, datasets, ...rest } = frozen.rest;
  return {
    ...rest,
    stages: frozen.stages.map((stage) => thawStage(stage, spans)),
    checks: checks.map((check) => ({ ...check, span: spanAt(spans, check.span) })),
    better: new Map(better),
    plots: plots.map(([id, spec, at]) => ({ id, spec: parseCanonical(spec), span: spanAt(spans, at) })),
    ...thawed('artifacts', artifacts),
    ...thawed('datasets', datasets),
  };
}

function thawStage(frozen: FrozenStage, spans: readonly Span[]): Stage {
  const { deps, params, outs, checks, resources, when, after, meta, span, places, ...rest } = frozen;
  return {
    ...rest,
    deps: deps.map(([path, glob, imports, at]) => ({ path, glob, imports, span: spanAt(spans, at) })),
    params: params.map(([file, keys, at]) => ({ file, keys, span: spanAt(spans, at) })),
    outs: outs.map(({ plot, ...out }) => ({ ...out, span: spanAt(spans, out.span), ...thawed('plot', plot) })),
    checks: checks.map((check) => ({ ...check, span: spanAt(spans, check.span) })),
    resources: new Map(resources),
    ...(when && { when: { ...when, span: spanAt(spans, when.span) } }),
    after: after.map(([name, at]) => ({ name, span: spanAt(spans, at) })),
    ...thawed('meta', meta),
    span: spanAt(spans, span),
    places: Object.fromEntries(Object.entries(places).map(([field, at]) => [field, spanAt(spans, at)])),
  };
}

function thawed<K extends string>(name: K, text: string | undefined): { readonly [key in K]?: Value } {
  // A computed key has no literal type of its own.
  return text === undefined ? {} : ({ [name]: parseCanonical(text) } as { readonly [key in K]?: Value });
}

function spanAt(spans: readonly Span[], at: number): Span {
  const span = spans[at];
  if (!span) throw new Error('a kept pipeline names a span that it does not have');
  return span;
}
