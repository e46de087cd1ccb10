import { createHash } from 'node:crypto';

const LONGEST = 200;

/**
 * A workflow id or database name as the name of one file or folder: no separators, nothing that climbs, no longer
 * than file systems take. Different texts give different names.
 */
export function fileName(text: string): string {
  const name = encodeURIComponent(text)
    .replaceAll('%20', ' ')
    .replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
  if (name.length <= LONGEST) return name;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${name.slice(0, LONGEST)}-${hash}`;
}
