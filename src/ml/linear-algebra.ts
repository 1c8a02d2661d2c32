// Dense linear algebra for small systems: Cholesky, QR and a singular value decomposition. Matrices are row-major
// Float64Arrays. Knows nothing of models. Sources: Golub and Van Loan, Matrix Computations, 4th ed., 4.2 (Cholesky),
// 5.2 (Householder), 8.6 (one-sided Jacobi).

/** Solves A x = b for symmetric positive definite A (n x n, lower part read, overwritten); null if it is not. */
export function solvePositive(a: Float64Array, b: Float64Array): Float64Array | null {
  const n = b.length;
  const scale = Float64Array.from({ length: n }, (_, i) => Math.abs(a[i * n + i] ?? 0));
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
      if (i > j) {
        a[i * n + j] = sum / (a[j * n + j] ?? 1);
        continue;
      }
      // Relative to the diagonal: what is left after rounding is noise.
      if (!(sum > (scale[j] ?? 0) * n * Number.EPSILON)) return null;
      a[j * n + j] = Math.sqrt(sum);
    }
  }
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    let sum = x[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (a[i * n + k] ?? 0) * (x[k] ?? 0);
    x[i] = sum / (a[i * n + i] ?? 1);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] ?? 0;
    for (let k = i + 1; k < n; k++) sum -= (a[k * n + i] ?? 0) * (x[k] ?? 0);
    x[i] = sum / (a[i * n + i] ?? 1);
  }
  return x;
}

/**
 * The x of least length among those that minimise |A x - b|^2 + alpha |x|^2, by singular values, so that collinear
 * columns and fewer rows than columns are no trouble. `columns`: A by columns.
 */
export function leastSquares(columns: readonly Float64Array[], b: Float64Array, alpha: number): Float64Array {
  const rows = b.length;
  const p = columns.length;
  const { r, qtb, size } = triangularise(columns, b);
  // Singular values of R (size x p) through its columns; V gathers the rotations.
  const { u, v } = jacobi(r, p);
  const norms = u.map((column) => Math.hypot(...column));
  const cutoff = Math.max(...norms, 0) * Math.max(rows, p) * Number.EPSILON;
  const x = new Float64Array(p);
  for (let k = 0; k < p; k++) {
    const s = norms[k] ?? 0;
    if (s <= cutoff) continue;
    let dot = 0;
    for (let i = 0; i < size; i++) dot += (u[k]?.[i] ?? 0) * (qtb[i] ?? 0);
    // dot / s is u'b; the factor is s / (s^2 + alpha).
    const factor = dot / (s * s + alpha);
    for (let j = 0; j < p; j++) x[j] = (x[j] ?? 0) + factor * (v[k]?.[j] ?? 0);
  }
  return x;
}

/** Householder: R by columns (size = min(rows, p) long) and the same part of Q'b. */
function triangularise(
  columns: readonly Float64Array[],
  b: Float64Array,
): { r: Float64Array[]; qtb: Float64Array; size: number } {
  const rows = b.length;
  const size = Math.min(rows, columns.length);
  const a = columns.map((column) => column.slice());
  const y = b.slice();
  for (let k = 0; k < size; k++) {
    const pivot = a[k];
    if (!pivot) break;
    let norm = 0;
    for (let i = k; i < rows; i++) norm += (pivot[i] ?? 0) ** 2;
    if (norm === 0) continue;
    const head = pivot[k] ?? 0;
    const length = head > 0 ? -Math.sqrt(norm) : Math.sqrt(norm);
    const reflector = pivot.slice(k);
    reflector[0] = head - length;
    const half = norm - head * length;
    for (let j = k; j < a.length; j++) reflect(a[j] ?? y, reflector, k, half);
    reflect(y, reflector, k, half);
  }
  return { r: a.map((column, j) => column.slice(0, size).map((x, i) => (i > j ? 0 : x))), qtb: y.slice(0, size), size };
}

/** x -= v (v'x) / half, from row k on. */
function reflect(x: Float64Array, v: Float64Array, k: number, half: number): void {
  let dot = 0;
  for (let i = 0; i < v.length; i++) dot += (v[i] ?? 0) * (x[k + i] ?? 0);
  const factor = dot / half;
  for (let i = 0; i < v.length; i++) x[k + i] = (x[k + i] ?? 0) - factor * (v[i] ?? 0);
}

/** One-sided Jacobi: A V = U with orthogonal columns U (lengths = singular values). All by columns. */
function jacobi(a: readonly Float64Array[], p: number): { u: Float64Array[]; v: Float64Array[] } {
  const u = a.map((column) => column.slice());
  const v = Array.from({ length: p }, (_, k) => new Float64Array(p).fill(1, k, k + 1));
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false;
    for (let i = 0; i < p - 1; i++) {
      for (let j = i + 1; j < p; j++) {
        if (orthogonalise(u[i] ?? v[0] ?? new Float64Array(), u[j] ?? new Float64Array(), v[i], v[j])) rotated = true;
      }
    }
    if (!rotated) break;
  }
  return { u, v };
}

function orthogonalise(a: Float64Array, b: Float64Array, va?: Float64Array, vb?: Float64Array): boolean {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  if (Math.abs(ab) <= 1e-15 * Math.sqrt(aa * bb)) return false;
  const zeta = (bb - aa) / (2 * ab);
  const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const c = 1 / Math.hypot(1, t);
  rotate(a, b, c, c * t);
  if (va && vb) rotate(va, vb, c, c * t);
  return true;
}

function rotate(a: Float64Array, b: Float64Array, c: number, s: number): void {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    a[i] = c * x - s * y;
    b[i] = s * x + c * y;
  }
}
