// Churn: 7,043 customers of a telephone company, about 27 % of whom leave. Knows no files and no split.
// Invariant: leaving is a coin thrown with a probability that the columns give, so no model can be sure.
import { chance, clip, exponential, logistic, tableOfRows, type Row } from './generate-row.ts';
import type { Random } from './random.ts';
import type { Table } from './table.ts';

const CUSTOMERS = 7043;

const CONTRACTS = ['Month-to-month', 'One year', 'Two year'] as const;
const INTERNET = ['No', 'DSL', 'Fiber optic'] as const;
const PAYMENTS = ['Electronic check', 'Mailed check', 'Bank transfer', 'Credit card'] as const;

export function generateChurn(random: Random): Table {
  const rows: Row[] = [];
  for (let row = 0; row < CUSTOMERS; row++) {
    const customer = makeCustomer(random);
    const charges = makeCharges(random, customer);
    const leaves = chance(random, logistic(SLOPE * reasonsToLeave(customer, charges.monthly) + OFFSET));
    rows.push(rowOf(customer, charges, leaves));
  }
  return tableOfRows(rows);
}

interface Customer {
  readonly contract: (typeof CONTRACTS)[number];
  readonly tenureMonths: number;
  readonly internet: (typeof INTERNET)[number];
  readonly senior: boolean;
  readonly partner: boolean;
  readonly dependents: boolean;
  readonly phone: boolean;
  readonly multipleLines: boolean;
  readonly security: boolean;
  readonly backup: boolean;
  readonly support: boolean;
  readonly television: boolean;
  readonly movies: boolean;
  readonly paperless: boolean;
  readonly payment: (typeof PAYMENTS)[number];
}

interface Charges {
  readonly monthly: number;
  readonly total: number;
}

/** From reasons to log-odds: chosen for a base rate of 27 %. */
const SLOPE = 0.53;
const OFFSET = -0.82;

/** What each thing adds to the wish to leave. */
const REASONS = {
  base: -0.75,
  oneYear: -1.9,
  twoYears: -3.3,
  newCustomer: 2.3,
  newCustomerMonths: 9,
  perMonth: -0.016,
  fiber: 1.35,
  noInternet: -1.2,
  fiberMonthly: 0.55,
  security: -0.75,
  support: -0.7,
  unprotectedFiber: 0.9,
  electronicCheck: 0.7,
  paperless: 0.4,
  senior: 0.4,
  dependents: -0.25,
  perDollar: 0.02,
  streamsAll: 0.25,
};

const MONTHLY = { dsl: 25, fiber: 51, phone: 20, lines: 5, extra: 5, stream: 10, noise: 0.8 };

function makeCustomer(random: Random): Customer {
  const contract = CONTRACTS[random.pick([55, 21, 24])] ?? 'Month-to-month';
  const monthly = contract === 'Month-to-month';
  const tenureMonths = clip(Math.round(makeTenure(random, contract)), 0, 72);
  const internet = INTERNET[random.pick(monthly ? [13, 32, 55] : [30, 38, 32])] ?? 'No';
  const online = internet !== 'No';
  const fiber = internet === 'Fiber optic';

  const senior = chance(random, 0.162);
  const partner = chance(random, 0.48);
  const dependents = chance(random, partner ? 0.5 : 0.1);
  const phone = !online || chance(random, 0.87);
  const multipleLines = phone && chance(random, 0.47);
  const security = online && chance(random, 0.37);
  const backup = online && chance(random, 0.44);
  const support = online && chance(random, 0.37);
  const television = online && chance(random, 0.5);
  const movies = online && chance(random, television ? 0.7 : 0.3);
  const paperless = chance(random, fiber ? 0.77 : 0.45);
  const payment = PAYMENTS[random.pick(fiber ? [48, 12, 20, 20] : [22, 32, 23, 23])] ?? 'Mailed check';
  return {
    contract,
    tenureMonths,
    internet,
    senior,
    partner,
    dependents,
    phone,
    multipleLines,
    security,
    backup,
    support,
    television,
    movies,
    paperless,
    payment,
  };
}

function makeTenure(random: Random, contract: Customer['contract']): number {
  if (contract === 'Month-to-month') return exponential(random, 20);
  return contract === 'One year' ? 42 + 17 * random.normal() : 57 + 14 * random.normal();
}

function makeCharges(random: Random, customer: Customer): Charges {
  const { internet, phone, multipleLines, security, backup, support, television, movies } = customer;
  const line = internet === 'No' ? 0 : internet === 'DSL' ? MONTHLY.dsl : MONTHLY.fiber;
  const services =
    MONTHLY.phone * Number(phone) +
    MONTHLY.lines * Number(multipleLines) +
    MONTHLY.extra * (Number(security) + Number(backup) + Number(support)) +
    MONTHLY.stream * (Number(television) + Number(movies));
  const monthly = clip(line + services + MONTHLY.noise * random.normal(), 18, 120);
  // Prices changed over the years, so the total is not quite months times price; the first month is always paid.
  return { monthly, total: Math.max(monthly, monthly * customer.tenureMonths * (1 + 0.06 * random.normal())) };
}

function reasonsToLeave(customer: Customer, monthlyCharges: number): number {
  const { contract, tenureMonths, internet, security, support } = customer;
  const monthly = contract === 'Month-to-month';
  const fiber = internet === 'Fiber optic';
  const when = (holds: boolean, reason: number): number => (holds ? reason : 0);
  return (
    REASONS.base +
    when(contract === 'One year', REASONS.oneYear) +
    when(contract === 'Two year', REASONS.twoYears) +
    REASONS.newCustomer * Math.exp(-tenureMonths / REASONS.newCustomerMonths) +
    REASONS.perMonth * tenureMonths +
    when(fiber, REASONS.fiber) +
    when(internet === 'No', REASONS.noInternet) +
    when(fiber && monthly, REASONS.fiberMonthly) +
    when(security, REASONS.security) +
    when(support, REASONS.support) +
    when(!security && !support && fiber && tenureMonths < 30, REASONS.unprotectedFiber) +
    when(customer.payment === 'Electronic check', REASONS.electronicCheck) +
    when(customer.paperless, REASONS.paperless) +
    when(customer.senior, REASONS.senior) +
    when(customer.dependents, REASONS.dependents) +
    REASONS.perDollar * (monthlyCharges - 65) * (monthly ? 1 : 0.2) +
    when(customer.television && customer.movies, REASONS.streamsAll)
  );
}

function rowOf(customer: Customer, { monthly, total }: Charges, leaves: boolean): Row {
  const months = customer.tenureMonths;
  return {
    Tenure: months,
    Contract: customer.contract,
    MonthlyCharges: monthly,
    TotalCharges: months === 0 ? null : total,
    InternetService: customer.internet,
    PaymentMethod: customer.payment,
    Senior: Number(customer.senior),
    Partner: yesNo(customer.partner),
    Dependents: yesNo(customer.dependents),
    MultipleLines: yesNo(customer.multipleLines),
    OnlineSecurity: yesNo(customer.security),
    OnlineBackup: yesNo(customer.backup),
    TechSupport: yesNo(customer.support),
    StreamingServices: Number(customer.television) + Number(customer.movies),
    Paperless: yesNo(customer.paperless),
    Churn: Number(leaves),
  };
}

function yesNo(yes: boolean): string {
  return yes ? 'Yes' : 'No';
}
