// About two minutes: each of ten kills costs the restart of a server or worker, and what it was at.
import { randomKills } from '../support/scenarios/random-kills.ts';

randomKills({ killsOfEach: 0, items: { waiting: 500, copied: 3_000 } });
