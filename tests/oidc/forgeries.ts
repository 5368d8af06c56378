import { createPublicKey } from 'node:crypto';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import type { TestProvider } from './provider.ts';

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** Tokens that must open nothing, each by what is wrong with it. All but the one fault is as in a good token. */
export async function forgeries(provider: TestProvider): Promise<Record<string, string>> {
  const good = await provider.sign();
  const [header = '', payload = '', signature = ''] = good.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, string>;
  const { kid = '', ...publicKey } = provider.publicKey();
  const pem = createPublicKey({ key: publicKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
  const stranger = await generateKeyPair('RS256');
  const rewritten = (changes: object) => Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url');
  const withHmac = (secret: string) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid, typ: 'at+jwt' }).sign(new TextEncoder().encode(secret));
  return {
    expired: await provider.sign({ exp: inSeconds(-60) }),
    'not yet valid': await provider.sign({ nbf: inSeconds(120) }),
    'for another audience': await provider.sign({ aud: 'https://other.test' }),
    'of another issuer': await provider.sign({ iss: 'https://evil.test' }),
    'of an issuer that differs in a slash': await provider.sign({ iss: `${provider.issuer}/` }),
    'without sub': await provider.sign({}, {}, 'sub'),
    'with an empty sub': await provider.sign({ sub: '' }),
    'without exp': await provider.sign({}, {}, 'exp'),
    'without aud': await provider.sign({}, {}, 'aud'),
    'without iss': await provider.sign({}, {}, 'iss'),
    'unsigned (alg none)': new UnsecuredJWT(claims).encode(),
    'unsigned, by the header of a signed one': `${header}.${payload}.`,
    'signed with HMAC by the public key (PEM)': await withHmac(pem),
    'signed with HMAC by the public key (PEM, without its last newline)': await withHmac(pem.trim()),
    'signed with HMAC by the public key (JWK)': await withHmac(JSON.stringify(provider.publicKey())),
    'signed with HMAC by nothing': await withHmac('\0'),
    'signed with another key under the same kid': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid, typ: 'at+jwt' })
      .sign(stranger.privateKey),
    'signed with a key that it brings along': await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', jwk: publicKey })
      .sign(stranger.privateKey),
    'signed with a key that nobody knows': await provider.sign({}, { kid: 'unheard-of' }),
    'tampered with: the payload': `${header}.${rewritten({ sub: 'mallory' })}.${signature}`,
    'tampered with: the header': `${Buffer.from(JSON.stringify({ alg: 'RS512', kid })).toString('base64url')}.${payload}.${signature}`,
    'tampered with: the signature': `${header}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
    'of a type for logging out': await provider.sign({}, { typ: 'logout+jwt' }),
    'bound to a key of its holder': await provider.sign({ cnf: { jkt: 'thumbprint' } }),
    opaque: 'b3BhcXVlLXRva2VuLW9mLXNvbWUtcHJvdmlkZXI',
    'of three parts that are nothing': 'a.b.c',
    'of three empty parts': '..',
    encrypted: 'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA',
  };
}
