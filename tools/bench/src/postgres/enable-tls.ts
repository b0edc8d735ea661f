import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresEndpoint } from '@sqlflow/service-runtime';
import { queryPostgres } from '../services/first-query.js';
import { scratchCache } from '../services/scratch-folder.js';
import { execute } from './event-table.js';

/**
 * Lets a server that is ours accept TLS beside plain connections, with a certificate for `localhost` made anew.
 *
 * @returns the certificate, or `undefined` if openssl is not there or the server was built without TLS.
 */
export async function enableTls(endpoint: PostgresEndpoint): Promise<string | undefined> {
  const [library] = await queryPostgres(endpoint, 'SHOW ssl_library');
  if (library?.['ssl_library'] !== 'OpenSSL') return undefined;
  using folder = scratchCache();
  const [keyFile, certificateFile] = [join(folder.path, 'key.pem'), join(folder.path, 'certificate.pem')];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
        .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
        .concat(['-keyout', keyFile, '-out', certificateFile]),
      { stdio: 'ignore' },
    );
  } catch {
    return undefined;
  }
  const certificate = readFileSync(certificateFile, 'utf8');
  await execute(
    endpoint,
    intoDataFolder(readFileSync(keyFile, 'utf8'), 'bench-key.pem'),
    intoDataFolder(certificate, 'bench-certificate.pem'),
    `ALTER SYSTEM SET ssl_key_file = 'bench-key.pem'`,
    `ALTER SYSTEM SET ssl_cert_file = 'bench-certificate.pem'`,
    'ALTER SYSTEM SET ssl = on',
    'SELECT pg_reload_conf()',
  );
  return certificate;
}

/** The server itself writes it: its folder is its own, and only there a key is safe enough for it. */
function intoDataFolder(text: string, name: string): string {
  const lines = `unnest(string_to_array($text$${text.trim()}$text$, E'\\n'))`;
  return `COPY (SELECT ${lines}) TO PROGRAM 'umask 077; cat > ${name}'`;
}
