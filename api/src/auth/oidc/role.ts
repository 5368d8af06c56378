/** Claims whose text is a list, separated by spaces (RFC 8693 §4.2; `scp` is what Entra ID calls it). Elsewhere a space is part of the value. */
const spaced: ReadonlySet<string> = new Set(['scope', 'scp']);

/** What COMMAND_CENTER_OIDC_ADMIN_CLAIM and …_VALUE ask of a system admin. */
export interface AdminRole {
  /** A claim's name, or the path to it with dots. A name that holds dots itself is tried before it is split. */
  readonly claim: string;
  readonly value: string;
}

export const roleMissing = 'The identity is valid but does not hold the system-admin role.';

/** Whether the claims hold the role: the value itself, or a list with it; numbers and booleans compared as text. */
export function holdsRole(claims: object, role: AdminRole): boolean {
  const found = valueAt(claims, role.claim);
  if (Array.isArray(found)) return found.some((one) => isEqual(one, role.value));
  if (typeof found === 'string' && spaced.has(role.claim.slice(role.claim.lastIndexOf('.') + 1)))
    return found.split(' ').includes(role.value);
  return isEqual(found, role.value);
}

function isEqual(found: unknown, value: string): boolean {
  return ['string', 'number', 'boolean'].includes(typeof found) && String(found) === value;
}

/** The longest beginning of the path that is a name wins. */
function valueAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
  if (Object.hasOwn(claims, path)) return Reflect.get(claims, path);
  for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) {
    const name = path.slice(0, end);
    if (Object.hasOwn(claims, name)) return valueAt(Reflect.get(claims, name), path.slice(end + 1));
  }
  return undefined;
}
