// Encoder and model as one thing that learns from and predicts on raw columns, and its JSON file. Knows no kind of model:
// what fits and what reads one are arguments. Invariant: after a reload the same rows give the same bytes.
import { readChain } from './chain-json.ts';
import { describeTarget, readTarget, type ChainTarget } from './chain-target.ts';
import { encode, fitEncoder, type EncodeParams, type Encoder } from './encode.ts';
import type { Features } from './features.ts';
import type { Model, Target, Task } from './model.ts';
import { renderJson } from './numbers-json.ts';
import { DataError, withoutColumns, type ColumnType, type Table } from './table.ts';

export interface Chain {
  readonly target: ChainTarget;
  /** Two classes only: the last one is predicted from this probability on. `null`: the more probable one. */
  readonly threshold: number | null;
  readonly encoder: Encoder;
  readonly model: Model;
}

export interface ChainSpec {
  readonly target: string;
  readonly task: Task;
  /** Columns that the model must not see. */
  readonly ignore?: readonly string[];
  readonly encode?: EncodeParams;
}

export interface Prediction {
  /** The value, or the code of the predicted class. */
  readonly values: Float64Array;
  /** The predicted class by name; `null` for regression. */
  readonly labels: readonly string[] | null;
  /** Row-major, rows x classes; `null` for regression. */
  readonly probabilities: Float64Array | null;
}

const CHAIN_FORMAT = 'repro-model';
const CHAIN_VERSION = 1;

/** Fits the encoder on these rows, then the model on what it gives. */
export async function fitChain(
  table: Table,
  spec: ChainSpec,
  fit: (features: Features, target: Target) => Model | Promise<Model>,
): Promise<Chain> {
  const target = describeTarget(table, spec.target, spec.task);
  const raw = withoutColumns(table, [spec.target, ...(spec.ignore ?? [])]);
  if (raw.columns.length === 0) throw new DataError('there is no column to learn from besides the target');
  const encoder = fitEncoder(raw, spec.encode);
  const model = await fit(encode(encoder, raw), readTarget(table, target));
  return { target, threshold: null, encoder, model };
}

/** The same chain with another threshold. */
export function withThreshold(chain: Chain, threshold: number | null): Chain {
  if (threshold !== null && (chain.target.task !== 'classification' || chain.target.classes.length !== 2)) {
    throw new DataError('a threshold needs a target of two classes');
  }
  return { ...chain, threshold };
}

export function predictTable(chain: Chain, table: Table): Prediction {
  const features = encode(chain.encoder, table);
  const { target, threshold, model } = chain;
  if (target.task === 'regression') return { values: model.predict(features), labels: null, probabilities: null };
  const probabilities = model.probabilities(features);
  const values =
    threshold === null
      ? model.predict(features)
      : Float64Array.from({ length: features.rows }, (_, row) =>
          Number((probabilities[2 * row + 1] ?? 0) >= threshold),
        );
  const labels = Array.from(values, (code) => target.classes[code] ?? '');
  return { values, labels, probabilities };
}

/** How a file for this chain must be read: the types of its columns, the target's aside. */
export function columnTypes(chain: Chain): Record<string, ColumnType> {
  return Object.fromEntries(chain.encoder.columns.map(({ name, kind }) => [name, kind]));
}

export function renderChain({ target, threshold, encoder, model }: Chain): string {
  return renderJson({
    format: CHAIN_FORMAT,
    version: CHAIN_VERSION,
    target,
    threshold,
    columns: encoder.columns,
    model: model.toJSON(),
  });
}

/** A chain from its file. `readModel` checks the model's own part. */
export async function parseChain(text: string, readModel: (value: unknown) => Model | Promise<Model>): Promise<Chain> {
  const { target, threshold, encoder, model } = readChain(text, { format: CHAIN_FORMAT, version: CHAIN_VERSION });
  return withThreshold({ target, threshold: null, encoder, model: await readModel(model) }, threshold);
}
