/** A configuration that cannot be used; the message names the file or variable and the way out. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
