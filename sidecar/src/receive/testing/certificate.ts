import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for 127.0.0.1 (X.509 v3, ECDSA P-256), its own authority: made here because Node has keys but no certificates. RFC 5280, 4.1. */
export function createTestCertificate(commonName: string): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const name = sequence(element(0x31, sequence(objectId(0x55, 0x04, 0x03), element(0x0c, Buffer.from(commonName)))));
  const dayMs = 86_400_000;
  const validity = sequence(utcTime(Date.now() - dayMs), utcTime(Date.now() + dayMs));
  const isAuthority = sequence(objectId(0x55, 0x1d, 0x13), element(0x04, sequence(element(0x01, Buffer.of(0xff)))));
  const address = sequence(objectId(0x55, 0x1d, 0x11), element(0x04, sequence(element(0x87, Buffer.of(127, 0, 0, 1)))));
  const toSign = sequence(
    element(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    element(0xa3, sequence(isAuthority, address)),
  );
  const signature = element(0x03, Buffer.concat([Buffer.of(0), sign('sha256', toSign, privateKey)]));
  return { cert: pem(sequence(toSign, ecdsaWithSha256, signature)), key: keyPem(privateKey) };
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function objectId(...bytes: readonly number[]): Buffer {
  return element(0x06, Buffer.from(bytes));
}

function integer(value: number): Buffer {
  return element(0x02, Buffer.of(value));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function keyPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
