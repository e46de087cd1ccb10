import { randomKills } from '../support/scenarios/random-kills.ts';

randomKills({ killsOfEach: 12, items: { waiting: 3_000, copied: 12_000 } });
