// Special functions against values computed with 50 digits from their definitions (mpmath), and the Mersenne twister
// against numpy's RandomState.
import { expect, test } from 'vitest';
import { Mersenne } from '../../src/ml/mersenne.ts';
import {
  betaRegularized,
  erf,
  erfc,
  gammaP,
  gammaQ,
  logGamma,
  normalCdf,
  normalLogCdf,
  normalQuantile,
  normalQuantileOfLog,
  studentUpper,
} from '../../src/ml/special.ts';

function checkClose(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(
    relative * Math.abs(expected),
  );
}

test('the complementary error function is exact in the centre and in the tail', () => {
  const cases: [number, number][] = [
    [-3, 1.9999779095030015],
    [-0.5, 1.5204998778130465],
    [0.25, 0.7236736098317631],
    [0.9, 0.20309178757716786],
    [1.5, 0.033894853524689274],
    [2.5, 0.0004069520174449589],
    [5, 1.537459794428035e-12],
    [10, 2.088487583762545e-45],
    [20, 5.395865611607901e-176],
    [26, 5.663192408856143e-296],
  ];
  for (const [x, expected] of cases) {
    checkClose(erfc(x), expected, 1e-15);
    checkClose(erf(x), 1 - expected, 1e-15);
  }
  expect(erfc(Number.POSITIVE_INFINITY)).toBe(0);
  expect(erfc(Number.NEGATIVE_INFINITY)).toBe(2);
  expect(erf(Number.NaN)).toBeNaN();
});

test('the normal distribution keeps its tails on the logarithmic scale', () => {
  const cases: [number, number][] = [
    [-40, -804.6084420137538],
    [-8, -35.01343715991455],
    [-1, -1.8410216450092636],
    [0, -Math.LN2],
    [2, -0.02301290932896349],
    [7, -1.2798125438866539e-12],
  ];
  for (const [z, expected] of cases) checkClose(normalLogCdf(z), expected, 1e-14);
  checkClose(normalCdf(-8), Math.exp(-35.01343715991455), 1e-13);
});

test('the normal quantile inverts the distribution function, far tail included', () => {
  const cases: [number, number][] = [
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404057],
    [0.025, -1.9599639845400543],
    [0.3, -0.5244005127080408],
    [0.500001, 2.5066282747057052e-6],
    [0.975, 1.9599639845400538],
    [1 - 2 ** -40, 7.047700256664409],
  ];
  for (const [p, expected] of cases) checkClose(normalQuantile(p), expected, 2e-14);
  expect(normalQuantile(0.5)).toBeCloseTo(0, 15);
  expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  expect(normalQuantile(1.5)).toBeNaN();
  checkClose(normalLogCdf(normalQuantileOfLog(-5000)), -5000, 1e-14);
});

test('the incomplete gamma and beta functions agree with their integrals', () => {
  const gammas: [number, number, number][] = [
    [0.5, 0.2, 0.5270892568655381],
    [1, 30, 9.357622968840175e-14],
    [5, 40, 5.020464318829134e-13],
    [100, 60, 0.9999985184723673],
    [2000, 2200, 7.169925088244839e-6],
  ];
  for (const [a, x, expected] of gammas) {
    checkClose(gammaQ(a, x), expected, 1e-12);
    checkClose(gammaP(a, x) + gammaQ(a, x), 1, 1e-14);
  }
  const betas: [number, number, number, number][] = [
    [0.3, 0.5, 2, 0.7394254526319742],
    [0.01, 5, 3, 2.06515e-9],
    [0.7, 40, 60, 0.9999999997096085],
    [0.5, 200, 210, 0.6894852134274162],
    [0.999, 2, 0.3, 0.8363774642291121],
  ];
  for (const [x, a, b, expected] of betas) checkClose(betaRegularized(x, a, b), expected, 1e-12);
  checkClose(studentUpper(1, 1), 0.25, 1e-14);
  checkClose(studentUpper(2.5, 10), 0.015723422118304402, 1e-13);
  checkClose(studentUpper(30, 50), 6.190011397993633e-34, 1e-12);
  checkClose(studentUpper(-1, 1), 0.75, 1e-14);
  checkClose(logGamma(0.5), 0.5 * Math.log(Math.PI), 1e-14);
  expect(gammaP(-1, 2)).toBeNaN();
  expect(betaRegularized(2, 1, 1)).toBeNaN();
});

test('the Mersenne twister draws what numpy RandomState draws', () => {
  const cases: [number, number[]][] = [
    [0, [0.5488135039273248, 0.7151893663724195, 0.6027633760716439, 0.7087703909410487]],
    [42, [0.3745401188473625, 0.9507143064099162, 0.7319939418114051, 0.7322248864095612]],
    [4294967295, [0.0976320289940138, 0.9123828453026218, 0.78903530185164, 0.7589835120943867]],
  ];
  for (const [seed, [first, second, third, late]] of cases) {
    const generator = new Mersenne(seed);
    expect([generator.random(), generator.random(), generator.random()]).toEqual([first, second, third]);
    for (let i = 0; i < 1000; i++) generator.random();
    expect(generator.random()).toBe(late);
  }
  const generator = new Mersenne(7);
  const items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  generator.shuffle(items);
  expect(items).toEqual([8, 5, 0, 2, 1, 9, 7, 3, 6, 4]);
  expect([...generator.choices(Float64Array.of(0.1, 0.2, 0.3, 0.4), 8)]).toEqual([0, 1, 2, 3, 3, 2, 0, 1]);
  expect([7, 1000, 1, 33].map((n) => generator.below(n))).toEqual([3, 444, 0, 5]);
});

test('a seed that numpy refuses is refused', () => {
  for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => new Mersenne(seed)).toThrow(/0 to 4294967295/);
});
