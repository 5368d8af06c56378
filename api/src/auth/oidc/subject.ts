/** OpenID Connect Core §2 ends a subject at 255 ASCII characters. Without `@`: addresses are not written down. */
const plain = /^(?!sha256:)[!-?A-~]{1,255}$/;
/** Subjects of our own, which nobody else may appear as. */
const ours: ReadonlySet<string> = new Set(['admin-token', 'login-link']);

/** How the audit log names a subject of the provider (interfaces.md §2): as it is, or a digest that stays the same where it may be an address. */
export async function auditedSubject(issuer: string, subject: string): Promise<string> {
  if (plain.test(subject) && !ours.has(subject)) return subject;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${issuer}\n${subject}`));
  return `sha256:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
