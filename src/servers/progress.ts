/** Which server a message or an error is about. */
export type ServerName = 'temporal' | 'ravendb';

/** Receives what happens while a server is found, fetched and started; long steps report at least every 10 s. */
export type Progress = (event: { server: ServerName; message: string }) => void;

/** A {@link Progress} that is already bound to its server. */
export type Note = (message: string) => void;

/** Binds a progress callback to one server; without a callback messages go nowhere. */
export function noteFor(server: ServerName, onProgress: Progress | undefined): Note {
  return (message) => onProgress?.({ server, message });
}
