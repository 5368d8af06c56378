import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { explain } from './acknowledged.ts';
import { alarms } from './alarms.ts';
import { api } from './api.ts';
import { balancers } from './balancers.ts';
import { buckets } from './buckets.ts';
import type { Context } from './context.ts';
import { database } from './database.ts';
import { network } from './network.ts';
import { receiver } from './receiver.ts';
import { secrets } from './secrets.ts';
import { shapes } from './shapes.ts';
import { site } from './site.ts';

/** The certificate's: `arn:aws:acm:REGION:…`. */
function regionOf({ regionalCertificateArn }: Context): string {
  return regionalCertificateArn.split(':')[3] ?? '';
}

/** All of Command Center in one stack, front to back (docs/aws.md). It holds no choices: `shapes` has the sizes, `context` what a deployment says. */
export class CommandCenterStack extends Stack {
  constructor(
    scope: Construct,
    context: Context,
    { isBare = false, ...props }: StackProps & { readonly isBare?: boolean } = {},
  ) {
    super(scope, `CommandCenter-${context.shape}`, {
      stackName: `command-center-${context.shape}`,
      description: 'Command Center: OTLP in, thirty days in Postgres, one page',
      // Where the load balancers' certificate is; the account is whose credentials deploy.
      env: { region: regionOf(context) },
      ...props,
    });
    const shape = shapes[context.shape];
    const inside = network(this, shape, context.senders?.split(',') ?? []);
    const kept = database(this, inside, shape, context.postgresVersion);
    const known = secrets(this);
    const files = buckets(this);
    const service = receiver(this, { context, shape, network: inside, database: kept, secrets: known });
    const fronts = balancers(this, service, inside, context, files.accessLogs);
    const queries = api(this, {
      context,
      shape,
      network: inside,
      database: kept,
      secrets: known,
      exports: files.exports,
    });
    site(this, { context, buckets: files, api: queries, balancers: fronts, secrets: known });
    alarms(this, { context, shape, database: kept, api: queries, balancers: fronts });
    // Bare, for the test that each explanation is still needed.
    if (!isBare) explain(this, context.shape);
    Tags.of(this).add('application', 'command-center');
  }
}
