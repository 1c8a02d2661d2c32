// Log probabilities of a stepped parameter under the kernels of a Parzen estimator: a kernel's mass within half a step.
// Equal samples and equal kernels are computed once, since both are many where a parameter has few values.
import { logMass } from './truncated-normal.ts';

export class DiscreteKernels {
  readonly #step: number;
  readonly #log: boolean;
  readonly #mass: Float64Array;
  /** Distinct kernels, and for each kernel which of them it is. */
  readonly #mu: Float64Array;
  readonly #sigma: Float64Array;
  readonly #group: Int32Array;

  /** `order`: the kernels but the last (the prior), sorted by mu, so that equal ones are found side by side. */
  constructor(kernels: {
    readonly mu: Float64Array;
    readonly sigma: Float64Array;
    readonly mass: Float64Array;
    readonly order: Int32Array;
    readonly log: boolean;
    readonly step: number;
  }) {
    const { mu, sigma, order } = kernels;
    this.#step = kernels.step;
    this.#log = kernels.log;
    this.#mass = kernels.mass;
    this.#group = new Int32Array(mu.length);
    const distinct: number[] = [];
    let tieStart = 0;
    for (const k of order) {
      if (distinct.length === 0 || mu[distinct.at(-1) ?? 0] !== mu[k]) tieStart = distinct.length;
      let group = tieStart;
      while (group < distinct.length && sigma[distinct[group] ?? 0] !== sigma[k]) group++;
      if (group === distinct.length) distinct.push(k);
      this.#group[k] = group;
    }
    this.#group[mu.length - 1] = distinct.length;
    distinct.push(mu.length - 1);
    this.#mu = Float64Array.from(distinct, (k) => mu[k] as number); // k is a kernel
    this.#sigma = Float64Array.from(distinct, (k) => sigma[k] as number);
  }

  /** Adds each sample's log probability under each kernel: terms[sample * kernels + kernel]. */
  addTo(terms: Float64Array, column: Float64Array): void {
    const kernelCount = this.#group.length;
    const known = new Map<number, Float64Array>();
    for (let s = 0; s < column.length; s++) {
      const x = column[s] as number; // s is in range
      let row = known.get(x);
      if (row === undefined) known.set(x, (row = this.#logMasses(x)));
      for (let k = 0; k < kernelCount; k++) {
        const at = s * kernelCount + k;
        terms[at] = (terms[at] as number) + (row[this.#group[k] as number] as number) - (this.#mass[k] as number);
      }
    }
  }

  #logMasses(x: number): Float64Array {
    const half = this.#step / 2;
    const left = this.#log ? Math.log(x - half) : x - half;
    const right = this.#log ? Math.log(x + half) : x + half;
    const row = new Float64Array(this.#mu.length);
    for (let g = 0; g < row.length; g++) {
      const [mu, sigma] = [this.#mu[g] as number, this.#sigma[g] as number];
      row[g] = logMass((left - mu) / sigma, (right - mu) / sigma);
    }
    return row;
  }
}
