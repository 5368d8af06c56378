import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';

/**
 * Names of targets to addresses. The system's resolver cannot be told to stop and waits on one of a few threads that the receiver needs for
 * gzip, too: a name server that is silent must not be asked for a name again while an answer is still due.
 */
const underWay = new Map<string, Promise<readonly LookupAddress[]>>();

/** All addresses of a name; who asks while that is under way waits for the same answer. @throws as dns.lookup */
export function addressesOf(name: string): Promise<readonly LookupAddress[]> {
  const known = underWay.get(name);
  if (known !== undefined) return known;
  const found = lookup(name, { all: true }).finally(() => underWay.delete(name));
  underWay.set(name, found);
  return found;
}

/** The same for sockets: `lookup` of net.connect. */
export const lookupOnce: LookupFunction = (name, options, callback) => {
  addressesOf(name).then(
    (addresses) => {
      const [first] = addresses;
      if (options.all === true) callback(null, [...addresses]);
      else callback(null, first?.address ?? '', first?.family);
    },
    (error: NodeJS.ErrnoException) => callback(error, ''),
  );
};
