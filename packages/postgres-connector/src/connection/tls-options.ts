import { Secret } from '@sqlflow/connector-contract';
import { z } from 'zod';

/**
 * How a connection is encrypted and the server's certificate checked.
 *
 * - `disable`: not at all.
 * - `require`: encrypted, and nothing is checked. Who can come in between can read and change everything.
 * - `verify-ca`: an authority of `ca` must vouch for the certificate, whatever name it carries.
 * - `verify-full`: that, and it must carry the name of the host.
 */
export type PostgresTlsMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

export interface PostgresTlsOptions {
  /** @defaultValue 'verify-full' */
  readonly mode?: PostgresTlsMode;
  /** Certificates of authorities to trust, in PEM. `verify-ca` needs them. @defaultValue those that Node trusts */
  readonly ca?: string;
  /** The client's own certificate, in PEM; `key` belongs to it. */
  readonly cert?: string;
  /** The key of `cert`, in PEM, without a passphrase. */
  readonly key?: string | Secret;
  /** The name that the server's certificate must carry, for `verify-full`. @defaultValue `host` */
  readonly serverName?: string;
}

const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
const modeList = modes.map((mode) => `'${mode}'`).join(', ');
const mode = z.enum(modes, `one of ${modeList}`);

function pem(what: string) {
  const range = `the text of ${what} in PEM, not the name of a file`;
  return z.string(range).refine((text) => /^-----BEGIN [A-Z ]+-----$/m.test(text), range);
}

const key = z
  .union([z.string(), z.instanceof(Secret)], 'the text of a key in PEM, or a Secret of it')
  .transform((text) => Secret.of(text));

/** Accepts `PostgresTlsOptions`. */
export const tlsOptions = z
  .strictObject(
    {
      mode: mode.default('verify-full'),
      ca: pem('certificates').optional(),
      cert: pem('a certificate').optional(),
      key: key.optional(),
      serverName: z.string('a host name').min(1, 'a host name').optional(),
    },
    { error: `one of ${modeList}, or an object { mode, ca, cert, key, serverName }` },
  )
  .check(({ value, issues }) => {
    const refuse = (path: string, message: string): void => {
      issues.push({ code: 'custom', path: [path], input: value, message });
    };
    if (value.mode === 'verify-ca' && value.ca === undefined) {
      refuse('ca', 'given for verify-ca: with all authorities that Node trusts, anybody has a certificate');
    }
    if (value.ca !== undefined && (value.mode === 'disable' || value.mode === 'require')) {
      refuse('ca', `left out for ${value.mode}, which checks no certificate; verify-ca and verify-full do`);
    }
    if (value.serverName !== undefined && value.mode !== 'verify-full') {
      refuse('serverName', `left out for ${value.mode}, which checks no name; verify-full does`);
    }
    if (value.mode === 'disable' && (value.cert ?? value.key) !== undefined) {
      refuse(value.cert === undefined ? 'key' : 'cert', 'left out for disable, which encrypts nothing');
    }
    if (value.cert !== undefined && value.key === undefined) refuse('key', 'given, since cert is');
    if (value.cert === undefined && value.key !== undefined) refuse('cert', 'given, since key is');
  });

export type ResolvedTlsOptions = z.output<typeof tlsOptions>;

/** What is meant where nothing is said: on this machine nobody is in between. */
export function defaultTls(host: string): ResolvedTlsOptions {
  return { mode: isLocal(host) ? 'disable' : 'verify-full' };
}

/** The folder of a Unix socket, or this machine's loopback. */
function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
