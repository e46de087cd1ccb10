/** A workflow id or database name as the name of one file or folder: no separators, nothing that climbs. */
export function fileName(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', ' ')
    .replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
}
