import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { planted, readPlants } from '../../scripts/plants.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('each planted mistake', () => {
  test.each(readPlants(ROOT).map((plant) => [plant.name, plant] as const))(
    '%s fits the code',
    (_name, plant) => {
      expect(() => planted(plant, readFileSync(join(ROOT, plant.file), 'utf8'))).not.toThrow();
      for (const file of plant.tests) expect(existsSync(join(ROOT, file)), file).toBe(true);
    },
  );
});
