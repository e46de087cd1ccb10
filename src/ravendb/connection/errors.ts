/**
 * The one place that classifies errors of RavenDB, of its client and of the network: whether a retry can help, and a
 * sentence for people. Source of the table: RavenDB answers errors with
 * `{ Type: "<.NET type>", Message, Error }`; the client puts the last part of `Type` into `error.name`.
 */

/** An error in talking to RavenDB. Its message never contains a URL, a certificate or a password. */
export class RavenError extends Error {
  /** The last part of RavenDB's exception type, or the code of the network error. */
  readonly kind: string;
  /** Whether a retry may succeed without anybody's help. */
  readonly retryable: boolean;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;

  constructor(message: string, details: { kind: string; retryable: boolean; status?: number | undefined }) {
    super(message);
    this.name = 'RavenError';
    this.kind = details.kind;
    this.retryable = details.retryable;
    this.status = details.status;
  }
}

/** Where an error happened, for its message: the connection's name (never its URL) and the database. */
export interface ErrorContext {
  connection: string;
  database?: string | undefined;
}

interface Rule {
  retryable: boolean;
  advice: string;
}

const no = (advice: string): Rule => ({ retryable: false, advice });
const yes = (advice: string): Rule => ({ retryable: true, advice });

const RULES: Record<string, Rule> = {
  DatabaseDoesNotExistException: no('The database does not exist: check its name.'),
  DatabaseDisabledException: yes('The database is disabled: enable it to continue.'),
  DatabaseNotRelevantException: yes('The node does not have the database at the moment.'),
  DatabaseLoadTimeoutException: yes('The database is still loading.'),
  DatabaseConcurrentLoadTimeoutException: yes('The database is still loading.'),
  InvalidAuth: no("The connection's certificate is missing, unknown to the server, or lacks the permission."),
  AuthorizationException: no(
    "The connection's certificate is missing, unknown to the server, or lacks the permission.",
  ),
  LicenseLimitException: no("The server's license does not allow it."),
  NotSupportedInShardingException: no('A sharded database does not support it.'),
  ShardMismatchException: no('A document was sent to a shard that does not hold its bucket.'),
  RouteNotFoundException: no('This server does not support the request: check its version.'),
  ConcurrencyException: no('It already exists, or was changed in the meantime.'),
  DocumentConflictException: no('A document is in conflict: resolve it first.'),
  DocumentCollectionMismatchException: no('The target has a document with that id in another collection.'),
  EndOfStreamException: no('The dump ends too early.'),
  InvalidDataException: no('The data is not what RavenDB expects.'),
  CryptographicException: no('The dump cannot be decrypted with this key.'),
  NullReferenceException: no(
    'RavenDB failed during the import; attachments that documents share can cause this.',
  ),
  JavaScriptException: no('The transform script failed on a document: correct the script.'),
  JavaScriptParseException: no('The transform script is not JavaScript that RavenDB understands.'),
  ArgumentException: no('The request is invalid.'),
  BackupDelayException: yes('The server is busy with other backups.'),
  OperationCanceledException: yes('The operation was canceled on the server.'),
  TaskCanceledException: yes('The operation was canceled on the server.'),
  TimeoutException: yes('The server took too long.'),
  RavenTimeoutException: yes('The server took too long.'),
  DiskFullException: yes("The server's disk is full: free some space."),
  EarlyOutOfMemoryException: yes('The server is running out of memory.'),
  AllTopologyNodesDownException: yes('No node of the cluster responds.'),
  NodeIsPassiveException: yes('The node does not belong to a cluster yet.'),
  NoLeaderException: yes('The cluster has no leader at the moment.'),
  OperationLost: yes('The server has lost the operation: it was restarted, or the database was reloaded.'),
};

const NETWORK: Record<string, Rule> = {
  ECONNREFUSED: yes('Nothing listens at its address: check that the server is running.'),
  ECONNRESET: yes('The server closed the connection.'),
  EPIPE: yes('The server closed the connection.'),
  ETIMEDOUT: yes('The server did not answer in time.'),
  ENOTFOUND: yes('Its host name is unknown: check the URL.'),
  EAI_AGAIN: yes('Its host name cannot be resolved at the moment.'),
  EHOSTUNREACH: yes('Its host cannot be reached.'),
  ENETUNREACH: yes('Its network cannot be reached.'),
};

const TLS = /certificate|self-signed|CERT_|ERR_TLS|ERR_SSL|mac verify|EPROTO/i;

/** Errors that only the message tells apart. */
const BY_MESSAGE: [RegExp, Rule][] = [
  [/no sharded route/i, no('A sharded database does not support it.')],
  [/corrupted block/i, no('The dump is damaged.')],
  [/could not set '[^']*' configuration/i, no('The value of a setting is not one that this server takes.')],
  [/incorrect transform script/i, no('The transform script is not JavaScript that RavenDB understands.')],
];

/**
 * What an error response of the server means.
 * @param answer.body its text, normally RavenDB's JSON error object
 */
export function fromAnswer(
  context: ErrorContext,
  doing: string,
  answer: { status: number; body: string },
): RavenError {
  const { Type, Message } = parseAnswer(answer.body);
  return fromServer(context, doing, {
    type: typeof Type === 'string' ? Type : `HTTP ${answer.status}`,
    message: typeof Message === 'string' ? Message : '',
    status: answer.status,
  });
}

/** A proxy may answer with anything; then only the status counts. */
function parseAnswer(body: string): { Type?: unknown; Message?: unknown } {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

/** What an exception means that the server reports, in a response or in the state of an operation. */
export function fromServer(
  context: ErrorContext,
  doing: string,
  fault: { type: string; message: string; status?: number | undefined },
): RavenError {
  const kind = lastPart(fault.type);
  const { retryable, advice } = BY_MESSAGE.find(([pattern]) => pattern.test(fault.message))?.[1] ??
    RULES[kind] ?? {
      retryable: fault.status === undefined || fault.status >= 500 || fault.status === 429,
      advice: '',
    };
  const text = sentence(context, doing, kind, advice, fault.message);
  return new RavenError(text, { kind, retryable, status: fault.status });
}

/** Statuses of a server, or of a proxy in front of it, that is temporarily unavailable. */
const BUSY = new Set([429, 502, 503, 504]);

/** Whether the server has understood a request and rejects it, however often it is sent. */
export function isRefusal(error: unknown): error is RavenError {
  if (!(error instanceof RavenError) || error.status === undefined) return false;
  return !BUSY.has(error.status) && !RULES[error.kind]?.retryable;
}

/** Refusals that lie in the server, the database or the request, whatever item was sent. */
const OF_NO_ITEM: ReadonlySet<string> = new Set([
  'DatabaseDoesNotExistException',
  'InvalidAuth',
  'AuthorizationException',
  'LicenseLimitException',
  'NotSupportedInShardingException',
  'ShardMismatchException',
  'RouteNotFoundException',
  'CryptographicException',
  'JavaScriptException',
  'JavaScriptParseException',
]);

/** Whether the server may have refused an import because of one of its items. */
export function mayBeOfItem(error: unknown): error is RavenError {
  return isRefusal(error) && !OF_NO_ITEM.has(error.kind);
}

/** The result of a request, or undefined where the server answers 404: there is no such thing. */
export async function ifFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof RavenError && error.status === 404) return undefined;
    throw error;
  }
}

/** Turns whatever was thrown while talking to RavenDB (client, network, TLS) into a RavenError. */
export function toRavenError(context: ErrorContext, doing: string, thrown: unknown): RavenError {
  if (thrown instanceof RavenError) return thrown;
  const error = (thrown ?? {}) as NodeJS.ErrnoException;
  const { name = 'Error', message = String(thrown) } = error;
  if (RULES[lastPart(name)]) return fromServer(context, doing, { type: name, message });
  // some codes are numbers, such as those of a DOMException
  const own = typeof error.code === 'string' ? error.code : undefined;
  const code = own ?? Object.keys(NETWORK).find((known) => message.includes(known)) ?? '';
  const network = NETWORK[code];
  if (network) {
    const text = sentence(context, doing, code, network.advice, '');
    return new RavenError(text, { kind: code, retryable: network.retryable });
  }
  if (TLS.test(`${code} ${message}`)) {
    const advice = `Check the certificate, its password and the CA${code && ` (${code})`}.`;
    return new RavenError(sentence(context, doing, 'TLS', advice, ''), { kind: 'TLS', retryable: false });
  }
  // messages of Node contain hosts and ports, so only the code is shown
  return fromServer(context, doing, { type: code || name, message: code ? '' : message });
}

function sentence(
  context: ErrorContext,
  doing: string,
  kind: string,
  advice: string,
  message: string,
): string {
  const where = context.database
    ? `database "${context.database}" on connection "${context.connection}"`
    : `connection "${context.connection}"`;
  const said = withoutAddresses(inOneLine(message));
  return [`${doing} failed at ${where}: ${kind}.`, advice, said && `RavenDB says: ${said}`]
    .filter(Boolean)
    .join(' ');
}

/** The first line; of code that does not compile, which comes whole, also the first thing that the compiler says against it. */
function inOneLine(message: string): string {
  const [first = ''] = message.split(/\r?\n/, 1);
  const why = /\berror CS\d+: .*/.exec(message)?.[0];
  return why && !first.includes(why) ? `${first}: ${why}` : first;
}

const ADDRESSES = [
  /\b(?:https?|tcp|wss?):\/\/[^\s'",)]+/gi,
  /\[[0-9a-f:.]+\](?::\d+)?/gi,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /[0-9a-f:]*::[0-9a-f]+(?::[0-9a-f]+)*/gi,
  /\b[a-z][\w-]+(?:\.[\w-]+)*:\d{2,5}\b/gi,
  /\b[\w-]+(?:\.[\w-]+)+:\d+\b/gi,
];
const LONGEST_MESSAGE = 300;

/** A server's message without addresses: they belong to the worker's configuration. */
export function withoutAddresses(message: string): string {
  const clean = ADDRESSES.reduce((text, pattern) => text.replace(pattern, '<address>'), message);
  return clean.length > LONGEST_MESSAGE ? `${clean.slice(0, LONGEST_MESSAGE)}...` : clean;
}

function lastPart(type: string): string {
  return type.split(',')[0]?.split('.').at(-1)?.trim() || 'Error';
}
