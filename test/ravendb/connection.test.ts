import { afterEach, describe, expect, test } from 'vitest';
import { Connections } from '../../src/ravendb/connection.ts';
import { RavenError } from '../../src/ravendb/errors.ts';

const SETTINGS = {
  prod: { urls: ['http://127.0.0.1:1'] },
  cluster: {
    urls: ['https://127.0.0.1:2'],
    certificate: '/nowhere/client.pfx',
    certificatePassword: 's3cret',
  },
};

let connections: Connections;

afterEach(() => connections.close());

function refusal(name: string): RavenError {
  try {
    connections.get(name);
  } catch (error) {
    if (error instanceof RavenError) return error;
  }
  throw new Error('it was opened');
}

describe('a connection', () => {
  test('is opened once and then the same', () => {
    connections = new Connections(SETTINGS);
    const prod = connections.get('prod');
    expect(prod.name).toBe('prod');
    expect(connections.get('prod')).toBe(prod);
  });

  test('is opened anew after all were closed', () => {
    connections = new Connections(SETTINGS);
    const prod = connections.get('prod');
    connections.close();
    expect(connections.get('prod')).not.toBe(prod);
  });

  test.each(['prot', '', 'PROD', 'constructor', '__proto__'])(
    'that is not configured is refused: %j',
    (name) => {
      connections = new Connections(SETTINGS);
      const error = refusal(name);
      expect(error).toMatchObject({ kind: 'UnknownConnection', retryable: false });
      expect(error.message).toBe(
        `Connection "${name}" is not in the worker's configuration (known: "prod", "cluster"). ` +
          'Add it to shardlift.yaml, or set SHARDLIFT_CONNECTION_<NAME>_URLS, and restart the worker.',
      );
    },
  );

  test('is refused with "none" when nothing is configured', () => {
    connections = new Connections({});
    expect(refusal('prod').message).toContain('(known: none)');
  });

  test('whose certificate is missing says so by its field, and bothers no other connection', () => {
    connections = new Connections(SETTINGS);
    const error = refusal('cluster');
    expect(error).toMatchObject({ kind: 'TLS', retryable: false });
    expect(error.message).toBe('The file in certificate of connection "cluster" cannot be read (ENOENT).');
    expect(connections.get('prod').name).toBe('prod');
  });

  test('whose CA is missing says so by its field', () => {
    connections = new Connections({ prod: { urls: ['https://127.0.0.1:1'], ca: '/nowhere/ca.pem' } });
    expect(refusal('prod').message).toBe('The file in ca of connection "prod" cannot be read (ENOENT).');
  });
});
