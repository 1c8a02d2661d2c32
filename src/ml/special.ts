// Special functions of statistics: error function, normal distribution, gamma and beta integrals.
// Knows nothing of tables, tests or tuning. Invariant: relative error of about 1e-15 for the error function and
// 1e-13 or better for the integrals, tails included; a NaN argument gives NaN.

const SQRT2 = Math.SQRT2;
const LOG_SQRT_2PI = 0.5 * Math.log(2 * Math.PI);
const EPSILON = Number.EPSILON;
/** Stands in for a zero denominator in Lentz's continued fractions. */
const TINY = 1e-300;

// Chebyshev interpolants of erf(sqrt(z))/sqrt(z) on z in [0, 1], of exp(x^2) erfc(x) on [1, 2] and on [2, 4], and of
// x exp(x^2) erfc(x) on 1/x^2 in [0, 1/16], each as a polynomial in u in [-1, 1], lowest power first. They were made
// with 60-digit arithmetic from the definition; each is below 3e-18 from it.
const ERF_CENTRE = [
  0.9654687386698673, -0.1405360890227171, 0.019852496688983708, -0.0022854855611441132, 0.00021751715604159932,
  -1.7537169441124866e-5, 1.223382738359897e-6, -7.511569286591727e-8, 4.115800583208149e-9, -2.035228405815769e-10,
  9.167619596865806e-12, -3.8078824063194953e-13, 1.4543887079465116e-14,
];
const ERFCX_1_2 = [
  0.3215854164543175, -0.08181145886628002, 0.01903775996386935, -0.004116363162445659, 0.0008360838095667121,
  -0.0001608111733699307, 2.947085745299996e-5, -5.171328672722121e-6, 8.72304473829848e-7, -1.4191186135917107e-7,
  2.2328417586062252e-8, -3.405938587821499e-9, 5.04654734183512e-10, -7.257032617086992e-11, 1.0201594788774491e-11,
  -1.512018061489917e-12, 2.0206514750441873e-13,
];
const ERFCX_2_4 = [
  0.17900115118138996, -0.05437226000717287, 0.01588437115987136, -0.00447943101837258, 0.0012230390523759822,
  -0.00032412554449670324, 8.355413963925958e-5, -2.0989464462229973e-5, 5.146436493852072e-6, -1.2333677143104898e-6,
  2.8926692938101366e-7, -6.646690382092543e-8, 1.4977112890287265e-8, -3.312780752600577e-9, 7.206556491473509e-10,
  -1.539306000137148e-10, 3.165046186861128e-11, -6.555844952443731e-12, 1.6647790649164353e-12, -3.32463503923892e-13,
];
const ERFCX_TAIL = [
  0.5557581685752836, -0.008073805168516008, 0.00033359701308000885, -2.1861074881549257e-5, 1.914712564745346e-6,
  -2.0641936364981772e-7, 2.61026976494717e-8, -3.751903870406946e-9, 5.996461113990413e-10, -1.0491831183661025e-10,
  1.9829923228175363e-11, -3.92602298198589e-12, 8.39164020957981e-13, -2.459499465800074e-13, 5.971521813330324e-14,
];

/** Error function. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < 1) return x * polynomial(ERF_CENTRE, 2 * x * x - 1);
  const tail = expMinusSquare(size) * scaledErfc(size);
  return x > 0 ? 1 - tail : tail - 1;
}

/** Complementary error function, 1 - erf(x), exact in the far tail. */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size < 1) return 1 - x * polynomial(ERF_CENTRE, 2 * x * x - 1);
  const tail = expMinusSquare(size) * scaledErfc(size);
  return x > 0 ? tail : 2 - tail;
}

/** exp(x^2) erfc(x) for x >= 1: the tail without its underflow. */
function scaledErfc(x: number): number {
  if (x < 2) return polynomial(ERFCX_1_2, 2 * x - 3);
  if (x < 4) return polynomial(ERFCX_2_4, x - 3);
  return polynomial(ERFCX_TAIL, 32 / (x * x) - 1) / x;
}

/** exp(-x^2) without the rounding error of x^2: the square of a 24-bit part is exact, the rest is a small correction. */
function expMinusSquare(x: number): number {
  if (x > 27.3) return 0;
  const head = Math.fround(x);
  return Math.exp(-head * head) * Math.exp((head - x) * (head + x));
}

function polynomial(coefficients: readonly number[], u: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * u + (coefficients[i] as number); // i is in range
  return sum;
}

/** Distribution function of the standard normal. */
export function normalCdf(z: number): number {
  return 0.5 * erfc(-z / SQRT2);
}

/** Logarithm of the normal distribution function, exact in both tails. */
export function normalLogCdf(z: number): number {
  const x = -z / SQRT2;
  if (x >= 1) return Math.log(0.5 * scaledErfc(x)) - 0.5 * z * z;
  if (z > 1) return Math.log1p(-0.5 * erfc(-x));
  return Math.log(0.5 * erfc(x));
}

/** z with normalCdf(z) = p. Gives -Infinity and Infinity at 0 and 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  const centred = p - 0.5;
  if (Math.abs(centred) < 0.4) {
    // The logarithm knows nothing finer than its own rounding near one half: one more step, from the centre.
    const z = centred <= 0 ? normalQuantileOfLog(Math.log(p)) : -normalQuantileOfLog(Math.log1p(-p));
    return z - (0.5 * erf(z / SQRT2) - centred) * Math.exp(0.5 * z * z + LOG_SQRT_2PI);
  }
  return p <= 0.5 ? normalQuantileOfLog(Math.log(p)) : -normalQuantileOfLog(Math.log1p(-p));
}

/** z with normalLogCdf(z) = logP, for logP <= 0: the quantile of probabilities too small to be written as such. */
export function normalQuantileOfLog(logP: number): number {
  if (!(logP <= 0)) return Number.NaN;
  if (logP === Number.NEGATIVE_INFINITY) return logP;
  if (logP === 0) return Number.POSITIVE_INFINITY;
  // Above one half the sign is flipped: the left tail is the exact one.
  if (logP > -Math.LN2) return -leftQuantileOfLog(Math.log(-Math.expm1(logP)));
  return leftQuantileOfLog(logP);
}

/** Newton's method on the logarithm, which is concave, from a start that is within a few tenths everywhere. */
function leftQuantileOfLog(logP: number): number {
  let z = logP < -5 ? -Math.sqrt(-2 * (logP + LOG_SQRT_2PI)) : -(Math.sqrt(3) / Math.PI) * Math.log(Math.expm1(-logP));
  for (let i = 0; i < 60; i++) {
    const logCdf = normalLogCdf(z);
    const step = (logCdf - logP) * Math.exp(logCdf + 0.5 * z * z + LOG_SQRT_2PI);
    z -= step;
    if (Math.abs(step) <= 1e-9 * Math.abs(z) || Math.abs(step) < 1e-17) break;
  }
  return z;
}

/** Natural logarithm of the gamma function for x > 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shifted = x;
  let product = 1;
  while (shifted < 16) {
    product *= shifted;
    shifted += 1;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + LOG_SQRT_2PI + stirlingSeries(shifted) - Math.log(product);
}

/** log Gamma(x) minus Stirling's leading part, for x >= 16 (DLMF 5.11.1). */
function stirlingSeries(x: number): number {
  const s = 1 / (x * x);
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) / x;
}

/** Error of Stirling's formula for Gamma(x + 1), x > 0 (C. Loader 2000, "Fast and accurate computation of binomial probabilities"). */
function stirlingError(x: number): number {
  if (x >= 16) return stirlingSeries(x);
  return logGamma(x + 1) - (x + 0.5) * Math.log(x) + x - LOG_SQRT_2PI;
}

/** Loader's deviance term x log(x / m) + m - x, without cancellation near x = m. */
function deviance(x: number, m: number): number {
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  let sum = difference * v;
  let power = 2 * x * v;
  for (let j = 1; j < 1000; j++) {
    power *= v * v;
    const next = sum + power / (2 * j + 1);
    if (next === sum) return sum;
    sum = next;
  }
  return sum;
}

/** Regularised lower incomplete gamma function P(a, x). */
export function gammaP(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return Number.NaN;
  if (x === 0) return 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** Regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x), exact in the tail. */
export function gammaQ(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) return Number.NaN;
  if (x === 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

/** x^a e^-x / Gamma(a + 1) by Loader's saddle point form. */
function gammaFactor(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

/** DLMF 8.11.4. */
function gammaSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 100_000; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * EPSILON * 0.1) break;
  }
  return gammaFactor(a, x) * sum;
}

/** DLMF 8.9.2 by Lentz's method. */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 100_000; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / away(numerator * d + b);
    c = away(b + numerator / c);
    h *= d * c;
    if (Math.abs(d * c - 1) <= EPSILON) break;
  }
  return gammaFactor(a, x) * a * h;
}

/** Regularised incomplete beta function I_x(a, b). Its upper tail is betaRegularized(1 - x, b, a). */
export function betaRegularized(x: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return Number.NaN;
  return betaOf(x, 1 - x, a, b);
}

/**
 * P(T > t) for Student's t with `freedom` degrees. The tail is computed from t^2 directly, since 1 - x would lose it.
 */
export function studentUpper(t: number, freedom: number): number {
  if (Number.isNaN(t) || !(freedom > 0)) return Number.NaN;
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
  const square = t * t;
  const half = 0.5 * betaOf(freedom / (freedom + square), square / (freedom + square), freedom / 2, 0.5);
  return t >= 0 ? half : 1 - half;
}

/** I_x(a, b) with y = 1 - x given by the caller, who may know it better. */
function betaOf(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const factor = betaFactor(x, y, a, b);
  if (x < (a + 1) / (a + b + 2)) return (factor / a) * betaFraction(x, a, b);
  return 1 - (factor / b) * betaFraction(y, b, a);
}

/** x^a y^b / B(a, b) by Loader's saddle point form. */
function betaFactor(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const exponent = stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * y);
  return Math.exp(exponent) * Math.sqrt((a * b) / (2 * Math.PI * n));
}

/** DLMF 8.17.22 by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) <= EPSILON) break;
  }
  return h;
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
