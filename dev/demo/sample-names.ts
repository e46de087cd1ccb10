/** The names of source and target. */
export interface SampleNames {
  source: string;
  target: string;
}

/**
 * The names of a demo's databases. On a server that others also use they end with the demo's own mark, because two demos that
 * create the same database at the same time both succeed.
 */
export function sampleNames(mark?: string): SampleNames {
  const suffix = mark === undefined ? '' : `-${mark}`;
  return { source: `Northwind${suffix}`, target: `NorthwindSharded${suffix}` };
}
