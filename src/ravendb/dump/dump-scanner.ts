/**
 * Splits a dump into its items without parsing them: documents must keep every byte. A dump is one JSON object whose
 * properties are lists of items. Raw bytes, which are not JSON, may follow an item (an attachment's, or a segment of
 * a time series); the item says how many.
 */

import { compactItem } from './compact-item.ts';

/** Receives the parts of a dump while a scanner reads it. */
export interface DumpHandler {
  /** A list begins, or another value of several parts, such as the database record. A name may come more than once. */
  section?(name: string): void;
  /** An item of a list without white space between its tokens, with the number of raw bytes that follow it (0 also for an empty attachment). */
  item(section: string, json: Buffer, blobSize: number): void;
  /** A part of the raw bytes that belong to the item before. */
  blob(part: Buffer): void;
  /** A property of the dump that is an object instead of a list: the database record. */
  object?(name: string, json: Buffer): void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
const LONGEST_BETWEEN = 64 * 1024;

const ATTACHMENT = Buffer.from('{"@metadata":{"@export-type":"Attachment"}');
const WITH_BLOB = Buffer.from('{"@raven-data":');
const ATTACHMENT_SIZE = /"Size":(\d+)/;
const BLOB_SIZE = /"@raven-blob-size":(\d+)\}$/;

const NOTHING = 0;
const IS_QUOTE = 1;
const OPENS = 2;
const CLOSES = 3;
/** What a byte outside a string means: one look-up instead of five comparisons. */
const MEANING = new Uint8Array(256);
MEANING[QUOTE] = IS_QUOTE;
MEANING[OPEN_BRACE] = OPENS;
MEANING[OPEN_BRACKET] = OPENS;
MEANING[CLOSE_BRACE] = CLOSES;
MEANING[CLOSE_BRACKET] = CLOSES;

/** Depth between the lists, and between the items of a list. */
const IN_DUMP = 1;
const IN_LIST = 2;

/** Reads a dump as its bytes arrive. */
export class DumpScanner {
  readonly #handler: DumpHandler;
  /** Text between items since the last item or list: names of lists. */
  #between = '';
  #section = '';
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Whether the value that is being read is a list of the dump. */
  #inList = false;
  #inItem = false;
  /** Parts of an object that is not a list, while one is read. */
  #object: Buffer[] | undefined;
  /** Parts of an item that began in an earlier chunk. */
  #begun: Buffer[] = [];
  #blobLeft = 0;
  #ended = false;
  #overrun = false;
  /** `BuildVersion` of the server that wrote the dump; known when the first list begins, or at the end. */
  buildVersion: number | undefined;

  constructor(handler: DumpHandler) {
    this.#handler = handler;
  }

  /** Whether the dump was read to its last brace: false for one that was cut off. */
  get complete(): boolean {
    return this.#ended;
  }

  /** Whether more than white space followed the last brace. */
  get overrun(): boolean {
    return this.#overrun;
  }

  /** Whether raw bytes of an item are still to come. */
  get inBlob(): boolean {
    return this.#blobLeft > 0;
  }

  /** Reads the next bytes. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#blobLeft > 0) {
        const part = chunk.subarray(at, at + this.#blobLeft);
        this.#handler.blob(part);
        this.#blobLeft -= part.length;
        at += part.length;
      } else if (this.#inItem) {
        at = this.#readItem(chunk, at);
      } else {
        at = this.#readBetween(chunk, at);
      }
    }
  }

  /** Continues an item. Nearly all bytes of a dump pass through this loop. */
  #readItem(chunk: Buffer, from: number): number {
    const { length } = chunk;
    let depth = this.#depth;
    let inString = this.#inString;
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    for (; at < length; at++) {
      if (inString) {
        while (at < length && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at++;
        if (at >= length) break;
        if (chunk[at] === QUOTE) inString = false;
        else at++;
        continue;
      }
      const what = MEANING[chunk[at] ?? 0];
      if (what === NOTHING) continue;
      if (what === IS_QUOTE) inString = true;
      else if (what === OPENS) depth++;
      else if (--depth === IN_LIST) {
        this.#depth = depth;
        this.#inString = false;
        this.#inItem = false;
        this.#endItem(chunk.subarray(from, at + 1));
        return at + 1;
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#escaped = at > length;
    this.#begun.push(chunk.subarray(from));
    return length;
  }

  #endItem(last: Buffer): void {
    const json = compactItem(this.#begun.length === 0 ? last : Buffer.concat([...this.#begun, last]));
    this.#begun = [];
    const blobSize = blobSizeOf(json);
    this.#handler.item(this.#section, json, blobSize);
    this.#blobLeft = blobSize;
  }

  /** Reads what is between items: commas, names of lists, and values that are not lists. */
  #readBetween(chunk: Buffer, from: number): number {
    let objectFrom = from;
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#ended && byte > SPACE) this.#overrun = true;
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (this.#inList) {
          this.#inItem = true;
          return at;
        }
        this.#depth++;
        if (this.#depth === IN_LIST) {
          this.#openSection(byte === OPEN_BRACKET);
          if (byte === OPEN_BRACE && this.#handler.object) this.#object = [];
          objectFrom = at;
        }
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth--;
        if (this.#depth === IN_DUMP) {
          this.#endObject(chunk.subarray(objectFrom, at + 1));
          this.#inList = false;
        }
        if (this.#depth === 0) this.#end();
      }
      if (this.#depth <= IN_DUMP) this.#between += String.fromCharCode(byte);
    }
    this.#object?.push(chunk.subarray(objectFrom));
    // a valid dump has only a few names between its lists
    if (this.#between.length > LONGEST_BETWEEN) this.#between = this.#between.slice(-LONGEST_BETWEEN);
    return chunk.length;
  }

  #endObject(last: Buffer): void {
    if (!this.#object) return;
    this.#handler.object?.(this.#section, Buffer.concat([...this.#object, last]));
    this.#object = undefined;
  }

  /** The last name before the bracket is the list's. */
  #openSection(list: boolean): void {
    this.#section = /"([^"]*)"\s*:\s*$/.exec(this.#between)?.[1] ?? '';
    this.#inList = list;
    this.#readVersion();
    this.#handler.section?.(this.#section);
    this.#between = '';
  }

  #end(): void {
    this.#ended = true;
    this.#readVersion();
  }

  #readVersion(): void {
    const version = /"BuildVersion"\s*:\s*(\d+)/.exec(this.#between);
    if (version) this.buildVersion = Number(version[1]);
  }
}

/** How many raw bytes follow an item. */
function blobSizeOf(json: Buffer): number {
  if (startsWith(json, WITH_BLOB)) return Number(BLOB_SIZE.exec(json.toString('latin1'))?.[1] ?? 0);
  return isAttachment(json) ? Number(ATTACHMENT_SIZE.exec(json.toString('latin1'))?.[1] ?? 0) : 0;
}

/** Whether an item of `Docs` or `RevisionDocuments` is not a document, but announces the bytes of an attachment. */
export function isAttachment(json: Buffer): boolean {
  return startsWith(json, ATTACHMENT);
}

function startsWith(json: Buffer, prefix: Buffer): boolean {
  return json.length >= prefix.length && json.compare(prefix, 0, prefix.length, 0, prefix.length) === 0;
}
