// Sums by halves: the error grows with the logarithm of the length. The order of additions is numpy's, so that sums agree
// with it to the last bit.

/** Sum of values[start .. start + count). */
export function pairwiseSum(values: Float64Array, start: number, count: number): number {
  if (count < 8) {
    let sum = count > 0 ? (values[start] as number) : 0; // all indices are below start + count
    for (let i = 1; i < count; i++) sum += values[start + i] as number;
    return sum;
  }
  if (count > 128) {
    const half = Math.floor(count / 2);
    const first = half - (half % 8);
    return pairwiseSum(values, start, first) + pairwiseSum(values, start + first, count - first);
  }
  return sumByEights(values, start, count);
}

function sumByEights(values: Float64Array, start: number, count: number): number {
  const at = (i: number): number => values[start + i] as number; // i is below count
  let [a, b, c, d, e, f, g, h] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)];
  let i = 8;
  for (; i + 8 <= count; i += 8) {
    a += at(i);
    b += at(i + 1);
    c += at(i + 2);
    d += at(i + 3);
    e += at(i + 4);
    f += at(i + 5);
    g += at(i + 6);
    h += at(i + 7);
  }
  let sum = a + b + (c + d) + (e + f + (g + h));
  for (; i < count; i++) sum += at(i);
  return sum;
}
