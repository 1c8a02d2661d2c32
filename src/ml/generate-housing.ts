// Housing: blocks of houses along a sloping coast, a rough field of local prices, and a target capped at 5.
// Knows no files and no split. Invariant: the world (towns and field) never changes; the seed only draws other blocks.
import { chance, clip, logNormal, tableOfRows, type Row } from './generate-row.ts';
import { createMulberry, type Random } from './random.ts';
import type { Table } from './table.ts';

const BLOCKS = 20_640;
const WORLD_SEED = 7;
const RURAL_SHARE = 0.16;
const MISSING_BEDROOMS_SHARE = 0.01;

export function generateHousing(random: Random): Table {
  const world = makeWorld(createMulberry(WORLD_SEED));
  const rows: Row[] = [];
  for (let block = 0; block < BLOCKS; block++) rows.push(makeBlock(random, world));
  return tableOfRows(rows);
}

interface Town {
  readonly latitude: number;
  readonly longitude: number;
  /** How many blocks it has, against the others. */
  readonly weight: number;
  /** Spread of its blocks, in degrees. */
  readonly spread: number;
}

/** A good or a bad quarter: it lifts or lowers prices around its centre. */
interface Quarter {
  readonly latitude: number;
  readonly longitude: number;
  readonly radius: number;
  readonly lift: number;
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly rural: boolean;
}

const TOWNS: readonly Town[] = [
  { latitude: 34.05, longitude: -118.25, weight: 9, spread: 0.3 },
  { latitude: 37.75, longitude: -122.35, weight: 6, spread: 0.22 },
  { latitude: 32.75, longitude: -117.1, weight: 4, spread: 0.18 },
  { latitude: 37.33, longitude: -121.9, weight: 4, spread: 0.18 },
  { latitude: 38.58, longitude: -121.45, weight: 3, spread: 0.25 },
  { latitude: 36.75, longitude: -119.75, weight: 2.5, spread: 0.3 },
  { latitude: 33.8, longitude: -117.6, weight: 4, spread: 0.3 },
  { latitude: 35.37, longitude: -119, weight: 1.5, spread: 0.25 },
  { latitude: 34.43, longitude: -119.7, weight: 1, spread: 0.15 },
  { latitude: 36.6, longitude: -121.8, weight: 1, spread: 0.2 },
  { latitude: 38.45, longitude: -122.7, weight: 1.5, spread: 0.25 },
  { latitude: 40.6, longitude: -122.4, weight: 1, spread: 0.4 },
];
const TOWN_WEIGHTS = TOWNS.map((town) => town.weight);

const FIELD = { quarters: 900, scatter: 1.3, minRadius: 0.012, radiusRange: 0.1, liftSpread: 0.55 };

/** Logarithm of the price, before the cap: what each thing is worth. */
const PRICE = {
  base: -0.33,
  income: 0.52,
  coast: 0.3,
  incomeAtCoast: 0.24,
  field: 0.62,
  crowding: 0.4,
  crowdedFrom: 2.6,
  ageAtCoast: 0.006,
  ageInland: -0.002,
  roomsForRich: 0.25,
  rural: -0.12,
  noise: 0.12,
};

const CAP = 5.000_01;
const FLOOR = 0.15;
const KM_PER_DEGREE = 92;

/** The coast runs from south-east to north-west, with a bend. */
function coastLongitude(latitude: number): number {
  return -117.1 - 0.75 * (latitude - 32.5) + 0.6 * Math.sin((latitude - 32.5) * 0.9);
}

function makeWorld(random: Random): Quarter[] {
  return Array.from({ length: FIELD.quarters }, () => {
    const town = pickTown(random);
    const reach = town.spread * FIELD.scatter;
    const latitude = town.latitude + random.normal() * reach;
    const longitude = town.longitude + random.normal() * reach;
    const radius = FIELD.minRadius + FIELD.radiusRange * random.uniform() ** 1.5;
    return { latitude, longitude, radius, lift: FIELD.liftSpread * random.normal() };
  });
}

function pickTown(random: Random): Town {
  return TOWNS[random.pick(TOWN_WEIGHTS)] as Town; // pick gives an index of the weights
}

function makePlace(random: Random): Place {
  if (chance(random, RURAL_SHARE)) {
    const latitude = 32.6 + 9 * random.uniform();
    return { latitude, longitude: coastLongitude(latitude) + 0.1 + 3.6 * random.uniform(), rural: true };
  }
  const town = pickTown(random);
  const latitude = town.latitude + town.spread * random.normal();
  const longitude = town.longitude + town.spread * random.normal();
  const shore = coastLongitude(latitude) + 0.02 * random.uniform(); // nobody lives in the sea
  return { latitude, longitude: Math.max(longitude, shore), rural: false };
}

/** Sum of the quarters' lifts; beyond e^-12 one adds nothing that counts. */
function fieldAt({ latitude, longitude }: Place, world: readonly Quarter[]): number {
  let field = 0;
  for (const quarter of world) {
    const distance = (latitude - quarter.latitude) ** 2 + (longitude - quarter.longitude) ** 2;
    const exponent = distance / (2 * quarter.radius ** 2);
    if (exponent < 12) field += quarter.lift * Math.exp(-exponent);
  }
  return clip(field, -1, 1);
}

function makeBlock(random: Random, world: readonly Quarter[]): Row {
  const place = makePlace(random);
  const { latitude, longitude, rural } = place;
  const inland = longitude - coastLongitude(latitude);
  const coast = Math.exp(-inland / 0.45); // 1 at the shore, fading with the distance
  const field = fieldAt(place, world);

  const income = clip(Math.exp(1.18 + 0.16 * coast + 0.22 * field + 0.4 * random.normal()), 0.5, 15);
  const age = clip(Math.round(28 + (rural ? -6 : 2) + 12 * random.normal()), 1, 52);
  const rooms = clip(logNormal(random, 1.25 + 0.22 * Math.log(income) + (rural ? 0.1 : 0), 0.17), 1.5, 20);
  const bedroomShare = clip(0.2 + 0.025 * random.normal(), 0.12, 0.4);
  const bedrooms = rooms * bedroomShare * (1 - 0.04 * Math.log(income / 3.5));
  const occupants = clip(logNormal(random, 1.06 - 0.05 * Math.log(income), 0.2), 1.1, 9);
  const people = Math.round(clip(logNormal(random, 6.95, 0.68), 30, 20_000));

  const logPrice =
    PRICE.base +
    PRICE.income * Math.log(income) +
    (PRICE.coast + PRICE.incomeAtCoast * Math.log(income)) * coast +
    PRICE.field * field -
    (PRICE.crowding * Math.max(0, occupants - PRICE.crowdedFrom)) / 1.5 +
    (coast > 0.5 ? PRICE.ageAtCoast : PRICE.ageInland) * (age - 28) +
    PRICE.roomsForRich * Math.log(rooms / 5) * (income > 3.5 ? 1 : -0.6) + // poor blocks: more rooms, lower prices
    (rural ? PRICE.rural : 0) +
    PRICE.noise * (1 + 0.25 * coast) * random.normal();
  const price = clip(Math.exp(logPrice), FLOOR, CAP);

  const bedroomsCell = chance(random, MISSING_BEDROOMS_SHARE) ? null : bedrooms;
  return {
    MedInc: income,
    HouseAge: age,
    AveRooms: rooms,
    AveBedrms: bedroomsCell,
    Population: people,
    AveOccup: occupants,
    Latitude: latitude,
    Longitude: longitude,
    OceanProximity: proximity(latitude, inland),
    RoomsPerPerson: rooms / occupants,
    BedroomRatio: bedrooms / rooms,
    CoastKm: inland * KM_PER_DEGREE,
    MedHouseVal: price,
  };
}

function proximity(latitude: number, inland: number): string {
  if (inland < 0.06) return 'NEAR OCEAN';
  if (inland < 0.5) return '<1H OCEAN';
  return latitude > 37.2 && latitude < 38.3 && inland < 1.1 ? 'NEAR BAY' : 'INLAND';
}
