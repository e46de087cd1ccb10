import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Begins with the files whose first line says that they take long: else the last of them is at work alone, since by default
 * large files come first, and these are small.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) => {
      const own = sorted.filter((each) => each.project === project);
      return [...own.filter(takesLong), ...own.filter((each) => !takesLong(each))];
    });
  }
}

function takesLong({ moduleId }: TestSpecification): boolean {
  return readFileSync(moduleId, 'utf8').startsWith('/** Takes long');
}
