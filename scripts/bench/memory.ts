/** Peaks of memory, as Linux keeps them. */
import { readFile } from 'node:fs/promises';

/** The most memory that a process had resident since it started, in MB. Linux only. */
export async function peakRssMb(pid: number | 'self'): Promise<number> {
  return peakOf(await readFile(`/proc/${pid}/status`, 'utf8'));
}

/** The peak in the text of `/proc/<pid>/status`. */
export function peakOf(status: string): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kilobytes === undefined) throw new Error('the system does not tell the peak memory of a process');
  return Number(kilobytes) / 1024;
}
