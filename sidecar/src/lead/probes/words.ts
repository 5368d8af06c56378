/** What went wrong between here and a target, by the codes of Node, OpenSSL and the drivers. */
const wordsByCode: readonly (readonly [RegExp, string])[] = [
  [/^(ECONNREFUSED|ENOENT)$/, 'connection refused'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|CONNECTION_[A-Z]+)$/, 'the connection was closed'],
  [/^(ENOTFOUND|EAI_[A-Z]+)$/, 'its name does not resolve'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'no route leads to it'],
  [/^(ETIMEDOUT|CONNECT_TIMEOUT)$/, 'it does not answer'],
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name'],
  [/^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|INVALID_CA|HOSTNAME_MISMATCH)/, 'its certificate is not trusted'],
  [/^(EPROTO|ERR_SSL_|ERR_TLS_)/, 'TLS failed'],
  [/^HPE_/, 'its answer is no HTTP'],
];

/**
 * Why a connection failed: words that are the same for the same trouble. Nothing of the error's own text, which names addresses; of an unknown
 * trouble its code.
 */
export function wordsOf(error: unknown): string {
  const codes = codesOf(error);
  for (const code of codes) {
    const words = wordsByCode.find(([pattern]) => pattern.test(code))?.[1];
    if (words !== undefined) return words;
  }
  const [code] = codes;
  return code === undefined ? 'it failed' : `it failed with ${code}`;
}

/** The codes of an error, what caused it, and what it is made of: Node tries several addresses of one name. */
export function codesOf(error: unknown): readonly string[] {
  const codes: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z0-9][A-Z0-9_]{1,60}$/.test(at.code)) codes.push(at.code);
    if (at instanceof AggregateError) codes.push(...at.errors.flatMap((one) => codesOf(one)));
  }
  return codes;
}
