/**
 * RavenDB's encryption of dumps and backups: libsodium's secret stream (XChaCha20-Poly1305). A header, then chunks of
 * one size, of which only the last may be shorter. Nothing marks the end, so a file that was cut off between two
 * chunks decrypts: only its content tells whether it is complete.
 */
type Sodium = typeof import('libsodium-wrappers').default;

/** Loaded with the first encrypted file: most workers never see one. */
async function loadedSodium(): Promise<Sodium> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  return sodium;
}

const HEADER_BYTES = 24;
const PLAIN_BYTES = 4096;
const SEALED_BYTES = PLAIN_BYTES + 17;
/** Chunks that are passed on together. */
const CHUNKS_AT_ONCE = 64;

/** Bytes that do not decrypt. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
  /**
   * `key`: not even the first chunk decrypts, so the key is wrong or nothing is encrypted; `cut`: the last chunk does
   * not, and is shorter than the others; `damaged`: any other chunk does not.
   */
  readonly reason: 'key' | 'cut' | 'damaged';

  constructor(reason: DecryptionError['reason']) {
    super(`The bytes do not decrypt (${reason}).`);
    this.reason = reason;
  }
}

/**
 * The plain bytes of what RavenDB or {@link encrypted} encrypted.
 * @param key of 32 bytes
 * @throws DecryptionError
 */
export async function* decrypted(source: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  const sodium = await loadedSodium();
  let state: ReturnType<Sodium['crypto_secretstream_xchacha20poly1305_init_pull']> | undefined;
  let begun = false;
  for await (const part of regrouped(source, HEADER_BYTES, CHUNKS_AT_ONCE * SEALED_BYTES)) {
    if (state === undefined) {
      if (part.length < HEADER_BYTES) throw new DecryptionError('key');
      state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(part, key);
      continue;
    }
    const plain = Buffer.allocUnsafe(part.length);
    let length = 0;
    for (let at = 0; at < part.length; at += SEALED_BYTES) {
      const sealed = part.subarray(at, at + SEALED_BYTES);
      const opened =
        sealed.length > SEALED_BYTES - PLAIN_BYTES &&
        sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, null);
      if (!opened) throw new DecryptionError(reasonOf(begun, sealed));
      begun = true;
      plain.set(opened.message, length);
      length += opened.message.length;
    }
    yield plain.subarray(0, length);
  }
}

function reasonOf(begun: boolean, sealed: Buffer): DecryptionError['reason'] {
  if (!begun) return 'key';
  return sealed.length < SEALED_BYTES ? 'cut' : 'damaged';
}

/**
 * Encrypts bytes as RavenDB encrypts a dump, so that its import accepts them with the same key.
 * @param key of 32 bytes
 */
export async function* encrypted(source: AsyncIterable<Buffer>, key: Buffer): AsyncGenerator<Buffer> {
  const sodium = await loadedSodium();
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  const tag = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  yield Buffer.from(header);
  const size = CHUNKS_AT_ONCE * PLAIN_BYTES;
  for await (const part of regrouped(source, size, size)) {
    const chunks = Math.ceil(part.length / PLAIN_BYTES);
    const sealed = Buffer.allocUnsafe(part.length + chunks * (SEALED_BYTES - PLAIN_BYTES));
    for (let chunk = 0; chunk < chunks; chunk++) {
      const plain = part.subarray(chunk * PLAIN_BYTES, (chunk + 1) * PLAIN_BYTES);
      const message = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, null, tag);
      sealed.set(message, chunk * SEALED_BYTES);
    }
    yield sealed;
  }
}

/** The same bytes in buffers of one size, except for the first and the last. */
async function* regrouped(
  source: AsyncIterable<Buffer>,
  first: number,
  size: number,
): AsyncGenerator<Buffer> {
  let group = Buffer.allocUnsafe(first);
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(group, filled, at);
      at += copied;
      filled += copied;
      if (filled < group.length) continue;
      yield group;
      group = Buffer.allocUnsafe(size);
      filled = 0;
    }
  }
  if (filled > 0) yield group.subarray(0, filled);
}
