// Credit: 10,000 card payments, exactly 20 of them frauds, of four kinds. Knows no files and no split.
// Invariant: each sign of a fraud also occurs among honest payments; only together do they give it away.
import { chance, clip, exponential, logNormal, tableOfRows, type Row } from './generate-row.ts';
import type { Random } from './random.ts';
import type { Table } from './table.ts';

const PAYMENTS = 10_000;
const MISSING_ACCOUNT_AGE_SHARE = 0.02;

const CATEGORIES = ['grocery', 'fuel', 'restaurant', 'travel', 'electronics', 'online_services', 'cash'] as const;

type FraudKind = 'stolen card' | 'account takeover' | 'card testing' | 'quiet';

/** Whose turn it is when the next fraud comes: 7 stolen cards, 6 takeovers, 5 testers, 2 quiet ones. */
const FRAUDS: readonly FraudKind[] = [0, 1, 2, 0, 1, 0, 3, 1, 2, 0, 1, 0, 2, 2, 1, 0, 2, 1, 0, 3].map(
  (kind) => (['stolen card', 'account takeover', 'card testing', 'quiet'] as const)[kind] ?? 'quiet',
);

export function generateCredit(random: Random): Table {
  const frauds = new Set<number>();
  while (frauds.size < FRAUDS.length) frauds.add(random.below(PAYMENTS));
  const rows: Row[] = [];
  let next = 0;
  for (let payment = 0; payment < PAYMENTS; payment++) {
    rows.push(makePayment(random, frauds.has(payment) ? FRAUDS[next++] : undefined));
  }
  return tableOfRows(rows);
}

/** Honest payments that look odd, one way at a time. */
interface Oddities {
  readonly busy: boolean;
  readonly trip: boolean;
  readonly big: boolean;
}

/** How a kind of payment is made. Means of logarithms are called `log...`; shares are from 0 to 1. */
interface Habits {
  /** Weights of `CATEGORIES`. */
  readonly categories: readonly number[];
  readonly atNight: boolean;
  readonly logRatio: number;
  readonly ratioSpread: number;
  readonly logDistanceKm: number;
  readonly count24h: number;
  readonly logGapMinutes: number;
  readonly foreign: number;
  /** `null`: it depends on the category. */
  readonly online: number | null;
  readonly chip: number;
  readonly logDeviceAgeDays: number;
  readonly failedLogins: number;
  readonly extraLimitUsed: number;
}

function honest({ busy, trip, big }: Oddities): Habits {
  return {
    categories: [30, 14, 20, 5, 8, 18, 5],
    atNight: false,
    logRatio: big ? 1.5 : 0,
    ratioSpread: 0.62,
    logDistanceKm: trip ? 5.6 : 1.5,
    count24h: busy ? 7 : 1.6,
    logGapMinutes: busy ? 3.2 : 5.6,
    foreign: trip ? 0.6 : 0.02,
    online: null,
    chip: 0.85,
    logDeviceAgeDays: 5.2,
    failedLogins: 0.35,
    extraLimitUsed: 0,
  };
}

/** What a fraud changes, whoever commits it. */
const ANY_FRAUD = { ratioSpread: 0.45, logGapMinutes: 2.6, failedLogins: 1, extraLimitUsed: 0.22 };

/** What each kind changes besides; the rest is as the holder's. */
const HABITS: Readonly<Record<FraudKind, Partial<Habits>>> = {
  // The card itself, far away at night: electronics and cash, quickly.
  'stolen card': {
    categories: [5, 5, 3, 20, 40, 5, 22],
    atNight: true,
    logRatio: 1.7,
    logDistanceKm: 5.4,
    count24h: 4,
    foreign: 0.75,
    online: 0.25,
    chip: 0.25,
  },
  // The account, from a new device after failed logins: goods to resell, online.
  'account takeover': {
    categories: [2, 1, 1, 20, 46, 28, 2],
    logRatio: 1.5,
    logDistanceKm: 2.2,
    count24h: 3,
    foreign: 0.4,
    online: 0.95,
    logDeviceAgeDays: 0.4,
    failedLogins: 2.6,
  },
  // The number, tried by a machine: many tiny online payments in minutes.
  'card testing': {
    categories: [2, 1, 2, 1, 4, 90, 0],
    atNight: true,
    logRatio: -2.6,
    count24h: 9,
    logGapMinutes: 0.3,
    online: 0.98,
    logDeviceAgeDays: 0.4,
    failedLogins: 1.5,
  },
  // Every sign, each weakly.
  quiet: {
    categories: [15, 8, 12, 9, 30, 20, 6],
    logRatio: 0.8,
    logDistanceKm: 3.2,
    count24h: 3,
    logGapMinutes: 4.2,
    foreign: 0.3,
    online: 0.6,
    logDeviceAgeDays: 3.4,
    extraLimitUsed: 0.15,
  },
};

function habitsOf(fraud: FraudKind | undefined, oddities: Oddities): Habits {
  if (fraud === undefined) return honest(oddities);
  // A thief does not shop as an odd holder does, but the holder may be on a trip meanwhile.
  return { ...honest({ busy: false, big: false, trip: oddities.trip }), ...ANY_FRAUD, ...HABITS[fraud] };
}

function makePayment(random: Random, fraud: FraudKind | undefined): Row {
  const oddities = { busy: chance(random, 0.06), trip: chance(random, 0.04), big: chance(random, 0.05) };
  const habits = habitsOf(fraud, oddities);
  const category = CATEGORIES[random.pick(habits.categories)] ?? 'cash';
  const hour = makeHour(random, habits.atNight);
  const usualAmount = logNormal(random, 3.6, 0.55);
  const ratio = logNormal(random, habits.logRatio, habits.ratioSpread);
  const distanceKm = logNormal(random, habits.logDistanceKm, 1);
  const count24h = Math.floor(exponential(random, habits.count24h));
  const gapMinutes = logNormal(random, habits.logGapMinutes, 1);
  const foreign = chance(random, habits.foreign);
  const online = chance(random, habits.online ?? (category === 'online_services' ? 0.95 : 0.2));
  const chip = !online && chance(random, habits.chip);
  const deviceAgeDays = logNormal(random, habits.logDeviceAgeDays, 1.1);
  const failedLogins = Math.floor(exponential(random, habits.failedLogins));
  const holderAge = clip(44 + 14 * random.normal(), 18, 92);
  const limitUsed = clip(0.35 + 0.22 * random.normal() + habits.extraLimitUsed, 0, 1);
  const accountAgeDays = logNormal(random, 7, 0.8);
  const accountAgeMissing = chance(random, MISSING_ACCOUNT_AGE_SHARE) && fraud === undefined;
  return {
    Amount: usualAmount * ratio,
    Hour: hour,
    Category: category,
    AmountRatio: ratio,
    HomeDistanceKm: distanceKm,
    Count24h: count24h,
    MinutesSinceLast: gapMinutes,
    Foreign: Number(foreign),
    Online: Number(online),
    Chip: Number(chip),
    DeviceAgeDays: deviceAgeDays,
    FailedLogins: failedLogins,
    HolderAge: Math.round(holderAge),
    LimitUsed: limitUsed,
    AccountAgeDays: accountAgeMissing ? null : accountAgeDays,
    Fraud: fraud === undefined ? 0 : 1,
  };
}

/** Thieves work around half past two; four holders of five around half past two in the afternoon. */
function makeHour(random: Random, atNight: boolean): number {
  let hour: number;
  if (atNight) hour = 2.5 + 3 * random.normal();
  else hour = chance(random, 0.8) ? 14.5 + 3.8 * random.normal() : 24 * random.uniform();
  return Math.floor(clip((hour + 48) % 24, 0, 23.999));
}
