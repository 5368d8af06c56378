import { fileURLToPath } from 'node:url';
import { livePath } from '@command-center/contract/live';
import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type FunctionUrl,
  FunctionUrlAuthType,
  InvokeMode,
  Function as LambdaFunction,
  LoggingFormat,
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsLogLevel,
  ParamsAndSecretsVersions,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import { logGroupOptions } from './logGroups.ts';
import type { Network } from './network.ts';
import type { Secrets } from './secrets.ts';
import type { Shape } from './shapes.ts';

export interface ApiOptions {
  readonly context: Context;
  readonly shape: Shape;
  readonly network: Network;
  readonly database: Database;
  readonly secrets: Secrets;
  readonly exports: Bucket;
}

export interface Api {
  readonly function: LambdaFunction;
  readonly url: FunctionUrl;
}

/** What an export writes and links to (docs/exports.md). */
export const exportPrefix = 'exports/';
/** As api/src/entry/awsSecrets.ts reads it. */
const named = (secret: ISecret, key?: string): string =>
  `aws-secret:${secret.secretArn}${key === undefined ? '' : `#${key}`}`;

/**
 * The API on Lambda, streaming. Its address is public and asks for no AWS identity, since signing would take the Authorization header of scripts away; what
 * does not come through CloudFront is refused by the function (docs/adr/0026-one-origin-on-aws.md).
 */
export function api(scope: Construct, options: ApiOptions): Api {
  const { context, shape, network, database, secrets, exports } = options;
  const log = new LogGroup(scope, 'ApiLog', logGroupOptions(shape));
  const lambda = new LambdaFunction(scope, 'Api', {
    description: 'Command Center: queries and exports',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(fileURLToPath(new URL('../../api/dist/lambda', import.meta.url)), { exclude: ['*.map'] }),
    handler: 'lambda.handler',
    memorySize: 1024,
    timeout: Duration.seconds(60),
    reservedConcurrentExecutions: shape.apiConcurrency,
    vpc: network.vpc,
    vpcSubnets: { subnets: [...network.work] },
    securityGroups: [network.groups.api],
    logGroup: log,
    loggingFormat: LoggingFormat.TEXT,
    paramsAndSecrets: ParamsAndSecretsLayerVersion.fromVersion(ParamsAndSecretsVersions.V1_0_103, {
      logLevel: ParamsAndSecretsLogLevel.WARN,
    }),
    environment: {
      // With the authorities of RDS in it. Source: AWS Lambda developer guide, "Connecting to RDS", for Node.js 20 and later.
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
      COMMAND_CENTER_DATABASE_URL: database.url,
      COMMAND_CENTER_DATABASE_PASSWORD: named(database.secret, 'password'),
      COMMAND_CENTER_ADMIN_TOKEN: named(secrets.adminToken),
      COMMAND_CENTER_SESSION_SECRET: named(secrets.sessionSecret),
      COMMAND_CENTER_ORIGIN_SECRET: named(secrets.originSecret),
      COMMAND_CENTER_ALLOWED_ORIGINS: `https://${context.consoleDomain}`,
      COMMAND_CENTER_LIVE_URL: `wss://${context.consoleDomain}${livePath}`,
      COMMAND_CENTER_OIDC_ISSUER: context.oidcIssuer,
      COMMAND_CENTER_OIDC_AUDIENCE: context.oidcAudience,
      COMMAND_CENTER_OIDC_CLIENT_ID: context.oidcClientId ?? context.oidcAudience,
      COMMAND_CENTER_OIDC_ADMIN_CLAIM: context.oidcAdminClaim,
      COMMAND_CENTER_OIDC_ADMIN_VALUE: context.oidcAdminValue,
      COMMAND_CENTER_EXPORT_BUCKET: exports.bucketName,
      COMMAND_CENTER_EXPORT_REGION: Aws.REGION,
    },
  });
  const readable = [database.secret, secrets.adminToken, secrets.sessionSecret, secrets.originSecret];
  lambda.addToRolePolicy(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: readable.map(({ secretArn }) => secretArn),
    }),
  );
  lambda.addToRolePolicy(
    new PolicyStatement({
      actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
      resources: [exports.arnForObjects(`${exportPrefix}*`)],
    }),
  );
  const url = lambda.addFunctionUrl({
    authType: FunctionUrlAuthType.NONE,
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });
  return { function: lambda, url };
}
