/** Documents for measurements: varied JSON of about 1 KB each, the same in every run. */

/** A document with its id; the metadata names its collection. */
export interface BenchDocument {
  id: string;
  document: Record<string, unknown>;
}

const WORDS = (
  'amber anchor basin birch brisk canal cedar cinder copper coral delta drift dune ember fable fern flint ' +
  'gale garnet glade grove harbor hazel heron indigo inlet ivory jasper juniper kelp lagoon larch linen maple ' +
  'marble meadow mesa mist moss nectar oasis ochre onyx opal orchid osprey pebble pine plume quartz quill ' +
  'raven reed ridge river saffron sage shale slate spruce thistle tide timber umber vale velvet willow zephyr ' +
  'größe naïve façade žlutý 東京 München'
).split(' ');

const COUNTRIES = ['DE', 'FR', 'IL', 'IN', 'JP', 'MX', 'PL', 'US'];
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2020, 0, 1);
const DAYS = 2_000;

/** Numbers that look random and are the same for the same seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but not including `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  price(): number {
    return this.below(1_000_000) / 100;
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.pick(WORDS)).join(' ');
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.below(16).toString(16)).join('');
  }

  time(): string {
    return new Date(FIRST_DAY + this.below(DAYS) * DAY_MS + this.below(DAY_MS)).toISOString();
  }
}

const MAKERS = [
  { collection: 'Orders', prefix: 'orders', make: order },
  { collection: 'Customers', prefix: 'customers', make: customer },
  { collection: 'Products', prefix: 'products', make: product },
  { collection: 'Events', prefix: 'events', make: event },
] as const;

/** The document with a number; each depends on its number alone, so any batch can be made by itself. */
export function benchDocument(number: number): BenchDocument {
  const { collection, prefix, make } = MAKERS[number % MAKERS.length] as (typeof MAKERS)[number];
  const document = make(new Dice(number + 1), number);
  return {
    id: `${prefix}/${number}-A`,
    document: { ...document, '@metadata': { '@collection': collection } },
  };
}

function order(dice: Dice, number: number): Record<string, unknown> {
  return {
    number,
    company: `customers/${dice.below(number + 1)}-A`,
    orderedAt: dice.time(),
    shippedAt: dice.below(5) === 0 ? null : dice.time(),
    shipTo: address(dice),
    lines: Array.from({ length: 5 + dice.below(4) }, () => ({
      product: `products/${dice.below(number + 1)}-A`,
      name: dice.words(2),
      pricePerUnit: dice.price(),
      quantity: 1 + dice.below(40),
      discount: dice.below(30) / 100,
    })),
    paid: dice.below(2) === 0,
    trace: dice.hex(32),
  };
}

function customer(dice: Dice, number: number): Record<string, unknown> {
  return {
    number,
    name: dice.words(2),
    email: `${dice.hex(10)}@${dice.pick(WORDS.slice(0, 40))}.example`,
    addresses: Array.from({ length: 2 + dice.below(2) }, () => address(dice)),
    tags: Array.from({ length: 3 + dice.below(6) }, () => dice.pick(WORDS)),
    balance: dice.price() - 5_000,
    settings: { newsletter: dice.below(2) === 0, language: dice.pick(COUNTRIES).toLowerCase(), theme: null },
    notes: dice.words(55 + dice.below(30)),
    since: dice.time(),
  };
}

function product(dice: Dice, number: number): Record<string, unknown> {
  const attributes = Array.from({ length: 6 + dice.below(5) }, (_, index) => [
    `${dice.pick(WORDS)}${index}`,
    dice.below(2) === 0 ? dice.price() : dice.words(3),
  ]);
  return {
    number,
    name: dice.words(3),
    sku: dice.hex(16).toUpperCase(),
    price: dice.price(),
    stock: { [dice.pick(COUNTRIES)]: dice.below(1_000), central: dice.below(100_000) },
    discontinued: dice.below(10) === 0,
    attributes: Object.fromEntries(attributes),
    description: dice.words(70 + dice.below(40)),
  };
}

function event(dice: Dice, number: number): Record<string, unknown> {
  return {
    number,
    at: dice.time(),
    kind: dice.pick(['created', 'changed', 'viewed', 'deleted']),
    session: dice.hex(64),
    position: { latitude: dice.fraction() * 180 - 90, longitude: dice.fraction() * 360 - 180 },
    readings: Array.from({ length: 30 + dice.below(20) }, () => dice.price()),
    message: dice.words(45 + dice.below(25)),
  };
}

function address(dice: Dice): Record<string, unknown> {
  return {
    street: `${dice.words(2)} ${1 + dice.below(200)}`,
    city: dice.pick(WORDS),
    postalCode: String(10_000 + dice.below(90_000)),
    country: dice.pick(COUNTRIES),
  };
}
