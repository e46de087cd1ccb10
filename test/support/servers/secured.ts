/** A RavenDB server that asks for certificates, and certificates of every right. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateRavenDb } from '../../../dev/servers/index.ts';
import { freePorts } from '../../../dev/servers/ports.ts';
import { untilReady } from '../../../dev/servers/ready.ts';
import { type Supervised, supervise } from '../../../dev/servers/supervised.ts';
import { RavenConnection } from '../../../src/ravendb/connection/connection.ts';

/** A secured server, reached as its cluster's administrator. */
export class Secured {
  readonly raven: RavenConnection;
  readonly #url: string;
  readonly #server: Supervised;
  readonly #folder: string;

  private constructor(server: Supervised, url: string, folder: string) {
    this.#server = server;
    this.#url = url;
    this.#folder = folder;
    this.raven = this.connect('server');
  }

  static async start(): Promise<Secured> {
    const folder = await mkdtemp(join(tmpdir(), 'shardlift-secured-'));
    const dataDirectory = join(folder, 'data');
    await mkdir(dataDirectory);
    makeCertificate(folder, 'server', ['-addext', 'subjectAltName=IP:127.0.0.1']);
    openssl(
      folder,
      'pkcs12',
      '-export',
      '-inkey',
      'server.key',
      '-in',
      'server.crt',
      '-out',
      'server.pfx',
      '-passout',
      'pass:',
    );
    const launch = await locateRavenDb();
    const [port, tcpPort] = await freePorts(undefined, undefined);
    const url = `https://127.0.0.1:${port}`;
    const server = await supervise(
      {
        ...launch,
        args: [
          ...launch.args,
          '--non-interactive',
          `--ServerUrl=${url}`,
          `--ServerUrl.Tcp=tcp://127.0.0.1:${tcpPort}`,
          '--Setup.Mode=None',
          '--License.Eula.Accepted=true',
          `--Security.Certificate.Path=${join(folder, 'server.pfx')}`,
          `--DataDir=${dataDirectory}`,
          `--Logs.Path=${join(dataDirectory, 'logs')}`,
        ],
        env: { ...launch.env, DOTNET_gcServer: '0', TMPDIR: dataDirectory },
      },
      join(folder, 'server.log'),
      folder,
    );
    const secured = new Secured(server, url, folder);
    const probe = () => secured.raven.http.json({ doing: 'Waiting', path: '/build/version' });
    await untilReady('RavenDB', server, probe);
    return secured;
  }

  /** Makes a certificate that the server does not know. */
  makeCertificate(name: string): void {
    makeCertificate(this.#folder, name, []);
  }

  /** Makes a certificate with rights. */
  async addCertificate(
    name: string,
    SecurityClearance: string,
    Permissions: Record<string, string>,
  ): Promise<void> {
    this.makeCertificate(name);
    const pem = await readFile(join(this.#folder, `${name}.crt`), 'utf8');
    const Certificate = pem.replaceAll(/-----.*?-----|\s/g, '');
    const json = { Name: name, Certificate, SecurityClearance, Permissions };
    await this.raven.http.json({ doing: 'Registering', method: 'PUT', path: '/admin/certificates', json });
  }

  /** A connection of a certificate's holder; the caller closes it. */
  connect(name: string): RavenConnection {
    return RavenConnection.open(name, { urls: [this.#url], ...this.#files(name) });
  }

  /** The environment in which a worker has a connection of a certificate's name. */
  environment(...names: string[]): NodeJS.ProcessEnv {
    const entries = names.flatMap((name) => {
      const { certificate, ca } = this.#files(name);
      const variable = `SHARDLIFT_CONNECTION_${name.toUpperCase()}`;
      return [
        [`${variable}_URLS`, this.#url],
        [`${variable}_CERTIFICATE`, certificate],
        [`${variable}_CA`, ca],
      ];
    });
    return Object.fromEntries(entries);
  }

  async close(): Promise<void> {
    this.raven.close();
    await this.#server.stop();
  }

  #files(name: string) {
    return { certificate: join(this.#folder, `${name}.pem`), ca: join(this.#folder, 'server.crt') };
  }
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

/** Self-signed, as `<name>.crt` and `<name>.key`, and both together as `<name>.pem`. */
function makeCertificate(folder: string, name: string, more: string[]): void {
  const [key, certificate] = [`${name}.key`, `${name}.crt`];
  openssl(
    folder,
    ...['req', '-x509', '-nodes', '-days', '90', '-newkey', 'rsa:2048', '-keyout', key, '-out', certificate],
    ...['-subj', `/CN=${name}`, '-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
    ...['-addext', 'keyUsage=digitalSignature,keyEncipherment', ...more],
  );
  execFileSync('sh', ['-c', `cat '${certificate}' '${key}' > '${name}.pem'`], { cwd: folder });
}
