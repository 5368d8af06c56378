import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

/** Made by AWS when the stack is, and never seen by a template: what senders, automation, sessions and the CDN show. */
export type Secrets = Readonly<Record<'otlpToken' | 'adminToken' | 'sessionSecret' | 'originSecret', Secret>>;

/** Characters: 48 of 62 are 285 bits. */
const length = 48;

export function secrets(scope: Construct): Secrets {
  const secret = (id: string, description: string): Secret =>
    new Secret(scope, id, {
      description,
      generateSecretString: { passwordLength: length, excludePunctuation: true, includeSpace: false },
      removalPolicy: RemovalPolicy.DESTROY,
    });
  return {
    otlpToken: secret('OtlpToken', 'Command Center: bearer token that senders of telemetry show'),
    adminToken: secret('AdminToken', 'Command Center: bearer token of automation for the API'),
    sessionSecret: secret('SessionSecret', 'Command Center: seals the sessions of the console'),
    originSecret: secret('OriginSecret', 'Command Center: what CloudFront shows to the API'),
  };
}
