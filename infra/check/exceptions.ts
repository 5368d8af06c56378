/** What the rules of the house leave out, each with its reason. An exception that is no longer needed is a finding too. */

/** Files longer than 300 lines. */
export const longFileExceptions: Readonly<Record<string, string>> = {};

/** Functions longer than 70 lines, by file. */
export const longFunctionExceptions: Readonly<Record<string, string>> = {};

/** Started by npm scripts, a runtime or a tool; nothing imports them. */
export const entryFiles: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /(^|\/)(main|run)\.ts$/, reason: 'started by an npm script' },
  { pattern: /^infra\/check\/releases\.ts$/, reason: 'started by npm run dependencies' },
  { pattern: /^infra\/collector\/check\.ts$/, reason: 'a tool of operators (docs/collector.md)' },
  { pattern: /^infra\/local\/cli\.ts$/, reason: 'what the npm package puts into PATH' },
  { pattern: /^infra\/containers\/rdsAuthorities\.ts$/, reason: 'started by the Containerfile' },
  { pattern: /^api\/src\/entry\//, reason: 'one file a runtime' },
  { pattern: /(^|\/)(vite|vitest|svelte)\.config\.ts$/, reason: 'read by the build' },
];

/** Files whose exports are what others outside the repository build on, used here or not. */
export const published: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /^contract\/src\/(api\/[a-z]+|events)\.ts$/i,
    reason: 'schemas of the wire: a part is as public as the whole',
  },
];

/** Exports (`file#name`) and files without an importer. */
export const deadExceptions: Readonly<Record<string, string>> = {};

/** Files beside the entry files that read the environment. */
export const environmentExceptions: Readonly<Record<string, string>> = {};

/** What s3rver, the S3 of the tests, brings along and says so in an older way. */
const mitByItsFile =
  'MIT by its licence file or README, older than the field that says so; of the tests alone, behind s3rver';

/** Packages whose licence the lists do not hold, for production, or the lockfile does not know. */
export const licenceExceptions: Readonly<Record<string, string>> = {
  postgres:
    'Unlicense (public domain); the driver that the user chose: docs/adr/0001-licence-of-the-postgres-driver.md',
  busboy: mitByItsFile,
  dicer: mitByItsFile,
  streamsearch: mitByItsFile,
  'humanize-number': mitByItsFile,
  only: mitByItsFile,
};

/** Tables with a time that retention need not reach: they hold the present, overwritten in place. */
export const retentionExceptions: Readonly<Record<string, string>> = {
  telemetry_leader: 'one row: the lease',
  telemetry_rollup_progress: 'one row: how far roll-ups are',
  telemetry_service_health: 'a row a service: how it stands now',
  telemetry_summary: 'one row: the page as it is now',
};

/** Columns and members of the wire that are called like what is never kept, and may be. */
export const forbiddenNameExceptions: Readonly<Record<string, string>> = {
  'admin_audit_log.actor':
    'the one table that says who looked: the subject of an identity, never an address (docs/identity.md)',
  'admin_tickets.subject': 'who asked for a ticket; the row goes when the ticket is used, or minutes later',
  'telemetry_stream_state.owner': 'a digest of resource, scope and metric, not of a person',
  'POST /login: token': 'what a login link brings: it is taken, and never answered',
};

/** Metrics that documents name and that are others' own. */
export const otherMetrics: Readonly<Record<string, string>> = {};

/** Variables of the machine, which everybody knows. */
export const otherVariables: Readonly<Record<string, string>> = {
  HOME: 'the home of who runs it',
  MODE: 'vitest sets it',
  NODE_ENV: 'of the image: libraries look whether it is production',
  PATH: 'where programs are looked for',
  TMPDIR: 'where temporary files go',
  XDG_CACHE_HOME: 'where caches go (XDG Base Directory Specification)',
};
