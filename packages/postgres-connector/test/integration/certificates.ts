import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key and its certificate in PEM. Made anew, so that no key lies in a repository. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface IdentityOptions {
  /** Who vouches for it. @defaultValue itself, as an authority does */
  readonly issuer?: Identity;
  /** `YYMMDDhhmmssZ` @defaultValue in the year 2049 */
  readonly validUntil?: string;
}

/** An identity of a host or a client of this name. */
export function identity(
  name: string,
  { issuer, validUntil = '491231235959Z' }: IdentityOptions = {},
): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'));
  const subjectAltName = der(0x30, der(0x82, Buffer.from(name)));
  const isAuthority = issuer === undefined ? der(0x30, der(0x01, Buffer.of(0xff))) : der(0x30);
  const extensions = der(
    0x30,
    der(0x30, oid('551d11'), der(0x04, subjectAltName)),
    der(0x30, oid('551d13'), der(0x04, isAuthority)),
  );
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.of(1)), // serial number
    ecdsaWithSha256,
    distinguished(issuer?.name ?? name),
    der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from(validUntil))),
    distinguished(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', content, issuer?.privateKey ?? privateKey);
  const certificate = der(0x30, content, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  // In lines of 64, as servers want it.
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    name,
    privateKey,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

function distinguished(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(name)))));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}
