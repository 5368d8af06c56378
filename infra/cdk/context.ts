import { z } from 'zod';

/** What an infra engineer says of a deployment: keys of the CDK's context (`-c key=value`, or cdk.context.json). */

const placeholder = /change.?me|example|placeholder|^x+$|^\*+$/i;
const domain = z
  .string()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'a domain name such as ops.acme.dev')
  .refine((text) => !placeholder.test(text), 'a domain of your own, not a placeholder');
const certificate = (region: RegExp, where: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws[a-z-]*:acm:${region.source}:\\d{12}:certificate/[0-9a-f-]{36}$`),
      `the ARN of an ACM certificate ${where}`,
    );

/** The oldest collector that knows every key of infra/collector/ecs.yaml. */
const minCollector = [0, 159] as const;

const contextSchema = z.object({
  shape: z.enum(['dev', 'prod'], 'dev or prod').describe('how large and how many'),
  consoleDomain: domain.describe('where people open the console'),
  consoleCertificateArn: certificate(/us-east-1/, 'in us-east-1, where CloudFront looks').describe(
    'its certificate for CloudFront',
  ),
  regionalCertificateArn: certificate(/[a-z]{2}(-[a-z]+)+-\d/, "in the stack's region").describe(
    'a certificate in the region of the stack for consoleDomain and otlpDomain',
  ),
  otlpDomain: domain.describe('where applications in the VPC send OTLP to'),
  oidcIssuer: z
    .url({
      protocol: /^https$/,
      hostname: z.regexes.domain,
      error: 'an https:// address, as the discovery document writes it',
    })
    .refine((text) => !placeholder.test(text), 'the issuer of your provider, not a placeholder')
    .describe('whose tokens are believed'),
  oidcAudience: z
    .string()
    .min(1, 'what `aud` of an access token must name')
    .refine((text) => !placeholder.test(text), 'your audience, not a placeholder')
    .describe('what `aud` of an access token must name'),
  oidcAdminValue: z
    .string()
    .min(3, 'a role of at least 3 characters')
    .refine((text) => !placeholder.test(text) && !/^(user|users|everyone|any|all|true)$/i.test(text), {
      error: 'the role of system admins alone: what everybody holds opens the console to everybody',
    })
    .describe('what the claim holds in a system admin'),
  oidcAdminClaim: z.string().min(1).default('roles').describe('the claim that holds the role'),
  oidcClientId: z.string().min(1).optional().describe('client of the console; unset, the audience'),
  alarmEmail: z
    .email('an e-mail address')
    .optional()
    .describe('who is told of alarms; unset, nobody but the console of CloudWatch'),
  webAclArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global\/webacl\/.+$/,
      'the ARN of a web ACL of CloudFront, which lies in us-east-1',
    )
    .optional()
    .describe('rate limits and rules of your own before the console'),
  senders: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}(,\d{1,3}(\.\d{1,3}){3}\/\d{1,2})*$/, 'CIDR blocks, separated by commas')
    .refine(
      (text) => !text.split(',').some((block) => block.endsWith('/0')),
      'CIDR blocks of your networks, not the internet',
    )
    .optional()
    .describe('networks beside the VPC that may send OTLP (peered, on premises)'),
  postgresVersion: z
    .string()
    .regex(/^(15|16|17|18)\.\d{1,2}$/, 'a minor version of Postgres 15 to 18, such as 18.3')
    .default('18.3')
    .describe('of RDS'),
  collectorVersion: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'a version such as 0.159.0')
    .refine(
      isNewEnough,
      `${minCollector.join('.')}.0 or later: an older one does not know keys of infra/collector/ecs.yaml`,
    )
    .default('0.159.0')
    .describe('tag of otel/opentelemetry-collector-contrib'),
});
export type Context = z.infer<typeof contextSchema>;

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > minCollector[0] || minor >= minCollector[1];
}

/** Its message has one line a bad key: the key, what was given, what is allowed. */
class ContextError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'ContextError';
  }
}

/** @throws ContextError */
export function readContext(ask: (key: string) => unknown): Context {
  const given = Object.fromEntries(Object.keys(contextSchema.shape).map((key) => [key, blankAsUnset(ask(key))]));
  const parsed = contextSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  // The first word on a key says enough.
  const first = new Map(parsed.error.issues.toReversed().map((issue) => [String(issue.path[0]), issue]));
  throw new ContextError(
    [...first].toReversed().map(([key, { message }]) => {
      const value = given[key];
      const allowed =
        value === undefined
          ? `must be set: ${contextSchema.shape[key as keyof Context].description}`
          : `allowed is ${message}`;
      return `context ${key}${value === undefined ? '' : `=${JSON.stringify(value).slice(0, 120)}`}: ${allowed}`;
    }),
  );
}

function blankAsUnset(value: unknown): unknown {
  return typeof value === 'string' && value.trim() === '' ? undefined : value;
}

/** What `npm run synth` and the tests deploy nowhere. */
export const sampleContext: Readonly<Record<string, string>> = {
  consoleDomain: 'ops.acme.dev',
  consoleCertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555',
  regionalCertificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/66666666-7777-8888-9999-000000000000',
  otlpDomain: 'otlp.acme.dev',
  oidcIssuer: 'https://id.acme.dev/realms/ops',
  oidcAudience: 'command-center',
  oidcAdminValue: 'system-admin',
  alarmEmail: 'oncall@acme.dev',
};
