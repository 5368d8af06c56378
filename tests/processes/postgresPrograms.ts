import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** Which Postgres the tests start, where it is not the embedded one. */

/** Of `POSTGRES_BIN`: another version, for every server that a test starts; undefined = the embedded one. */
export const chosenPostgres = process.env.POSTGRES_BIN;

const programs = ['postgres', 'initdb', 'pg_dump', 'pg_restore'];
/** Debian's and Ubuntu's packages: a folder a version, outside of PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** A Postgres that the system has, since the embedded one comes without pg_dump: the folder of a server and of its own pg_dump and pg_restore, the newest that is there; undefined = none. */
export function systemPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))));
}
