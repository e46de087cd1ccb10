/** Whether a report is as its published schema says. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('docs/report.schema.json', 'utf8')),
);

/** A line for each flaw. @param report of `report.json` or the query */
export function reportFlaws(report: unknown): string[] {
  // as a reader of the file gets it: without what is undefined
  validate(JSON.parse(JSON.stringify(report)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

/** The same report. @throws Error when it is not as the schema says */
export function asPublished<Report>(report: Report): Report {
  const flaws = reportFlaws(report);
  if (flaws.length > 0) throw new Error(`A report is not as its schema says: ${flaws.join('; ')}`);
  return report;
}
