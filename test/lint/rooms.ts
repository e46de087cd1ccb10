/** The table of rooms in ARCHITECTURE.md, and what it allows. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A room of `src`: a folder, or a file with a row of its own. */
export interface Room {
  name: string;
  /** Rooms, floors and files that it may import. */
  may: { target: string; typesOnly: boolean }[];
}

/** Packages of one row, and the rooms and floors that may import them. */
export interface PackageRow {
  packages: string[];
  rooms: string[];
}

const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());
const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');

function rows(page: string, heading: string): string[][] {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith('|') && cells(line)[1] === heading);
  if (start < 0) throw new Error(`ARCHITECTURE.md has no table "${heading}".`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map(cells);
}

const page = readFileSync('ARCHITECTURE.md', 'utf8');

const table = rows(page, 'Room').map(([, name, about = '', may = '']) => ({
  name: names(name)[0] ?? '',
  forWorkflows: !about.includes('Not for workflows'),
  may: [...may.matchAll(/(types of )?`([^`]+)`/g)].map(([, types, target = '']) => ({
    target,
    typesOnly: types !== undefined,
  })),
}));

/** Every room, with what its floor may import added. */
export const rooms: Room[] = table
  .filter(({ name }) => !name.endsWith('/*'))
  .map(({ name, may }) => {
    const floor = table.find((row) => row.name.endsWith('/*') && name.startsWith(row.name.slice(0, -1)));
    return { name, may: [...may, ...(floor?.may ?? [])] };
  });

/** Rooms that no workflow may import. */
const unsafe = table.filter(({ forWorkflows }) => !forWorkflows).map(({ name }) => name);

/** Which packages are imported where. */
export const packageRows: PackageRow[] = rows(page, 'Package').map(([, packages, where]) => ({
  packages: names(packages),
  rooms: names(where),
}));

/** Whether a name of the table means a room, its floor included, or a file. */
export function covers(name: string, target: string): boolean {
  return name === target || (name !== '.' && target.startsWith(`${name}/`));
}

/** Whether a room may import a room or file; "types" where it may import types alone. */
export function mayImport(room: Room, target: string): boolean | 'types' {
  const folder = folderOf(room.name);
  if (target.endsWith('.ts') && dirname(target) === folder) return true;
  if (folder.startsWith('workflows') && unsafe.some((name) => covers(name, target))) return false;
  const found = room.may.filter((entry) => covers(entry.target, target));
  if (found.length === 0) return false;
  return found.every(({ typesOnly }) => typesOnly) ? 'types' : true;
}

/** The folder of a room. */
export function folderOf(room: string): string {
  return room.endsWith('.ts') ? dirname(room) : room;
}
