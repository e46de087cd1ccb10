/** Files in a folder of the worker. */
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import type { ListedFile } from '../core/files/backup-names.ts';
import { completeStream } from './complete-stream.ts';
import { FileError } from './errors.ts';
import type { FileStore } from './store.ts';

const CHUNK_BYTES = 256 * 1024;
/** The root of a file system may have it, and only root may read it. */
const SYSTEM_FOLDER = 'lost+found';

/**
 * Opens a folder. The folder itself may be a link. Links below it are not followed: their target either is in the
 * folder and listed there, or does not belong to it.
 * @param folder absolute path
 */
export function localStore(folder: string, signal?: AbortSignal): FileStore {
  return {
    root: basename(folder),
    list: async (prefix = '') => {
      const start = within(folder, prefix);
      await assertFolder(start);
      const files: ListedFile[] = [];
      await collect(folder, start, files, signal);
      return files;
    },
    open: (path) => openWhole(folder, path, signal),
    size: async (path) => {
      const handle = await openFile(folder, path);
      try {
        return (await handle.stat()).size;
      } finally {
        await handle.close();
      }
    },
    close: () => undefined,
  };
}

/** Collects the files of a folder, one directory after another, to ask a network share for one listing at a time. */
async function collect(folder: string, at: string, files: ListedFile[], signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const entries = await readdir(at, { withFileTypes: true }).catch((error) => {
    throw failure(error, `The folder ${at}`);
  });
  for (const entry of entries) {
    const path = join(at, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== SYSTEM_FOLDER) await collect(folder, path, files, signal);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      const found = await lstat(path).catch((error) => {
        // deleted meanwhile, for example by RavenDB's backup retention
        if (error.code === 'ENOENT') return undefined;
        throw failure(error, `The file ${path}`);
      });
      if (found) files.push(listed(relative(folder, path), found, entry.isSymbolicLink()));
    }
  }
}

function listed(path: string, found: { size: number; mtime: Date }, link: boolean): ListedFile {
  const file = { path: path.split(sep).join('/'), modifiedAt: found.mtime.toISOString() };
  return link ? { ...file, bytes: 0, link } : { ...file, bytes: found.size };
}

async function openWhole(folder: string, path: string, signal?: AbortSignal): Promise<Readable> {
  const handle = await openFile(folder, path);
  const { size } = await handle.stat();
  // bytes appended later are not part of it
  const source = handle.createReadStream({ highWaterMark: CHUNK_BYTES, ...(size > 0 && { end: size - 1 }) });
  return completeStream(source, {
    bytes: size,
    signal,
    failure: (error, got) =>
      error === undefined
        ? new FileError('FileCutOff', `The file ${join(folder, path)} ended after ${got} of ${size} bytes.`)
        : failure(error, `The file ${join(folder, path)}`),
  });
}

/** Opens a file once it is known to be in the folder. */
async function openFile(folder: string, path: string): Promise<FileHandle> {
  const file = within(folder, path);
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(folder)]);
    if (!isWithin(root, real)) throw outside(path);
    const handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new FileError('FileDenied', `${file} is not a file.`);
  } catch (error) {
    throw failure(error, `The file ${file}`);
  }
}

async function assertFolder(path: string): Promise<void> {
  const found = await stat(path).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      throw new FileError(
        'FolderNotFound',
        `The folder ${path} does not exist on this worker: check the path, and that it is mounted there.`,
      );
    }
    throw failure(error, `The folder ${path}`);
  });
  if (!found.isDirectory()) {
    throw new FileError('NotAFolder', `${path} is not a folder: name the folder that contains it.`);
  }
}

/** The absolute path of something in the folder. */
function within(folder: string, path: string): string {
  const file = resolve(folder, path);
  if (path.includes('\0') || !isWithin(resolve(folder), file)) throw outside(path);
  return file;
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function outside(path: string): FileError {
  return new FileError(
    'FileOutside',
    `${JSON.stringify(path)} leads out of the folder: name a path inside it.`,
  );
}

/** What an error of the file system means. @param what the beginning of the sentence: the file or folder */
function failure(error: unknown, what: string): Error {
  if (error instanceof FileError) return error;
  const { code = 'unknown error', name } = error as NodeJS.ErrnoException;
  if (name === 'AbortError') return error as Error;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FileError('FileNotFound', `${what} does not exist, or was deleted: check the path.`);
    case 'EACCES':
    case 'EPERM':
      return new FileError(
        'FileDenied',
        `${what} cannot be read (${code}): give the worker permission to read it.`,
      );
    case 'ELOOP':
      return new FileError('FileDenied', `${what} is a link that leads back to itself: replace it.`);
    default:
      return new FileError('FileUnavailable', `${what} cannot be read at the moment (${code}).`);
  }
}
