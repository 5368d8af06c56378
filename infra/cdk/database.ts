import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  CaCertificate,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { logGroupOptions } from './logGroups.ts';
import { type Network, ports } from './network.ts';
import type { Shape } from './shapes.ts';

const user = 'command_center';

export interface Database {
  readonly instance: DatabaseInstance;
  /** Without a password, which comes apart (COMMAND_CENTER_DATABASE_PASSWORD). */
  readonly url: string;
  /** JSON with `password`. */
  readonly secret: ISecret;
}

/** RDS Postgres: encrypted, never public, TLS or nothing, in subnets without a way out. */
export function database(scope: Construct, { vpc, groups }: Network, shape: Shape, version: string): Database {
  const { database: size } = shape;
  const engine = DatabaseInstanceEngine.postgres({
    version: PostgresEngineVersion.of(version, version.split('.')[0] ?? ''),
  });
  const instanceIdentifier = `${Aws.STACK_NAME}-postgres`;
  // RDS makes it by itself otherwise, and keeps it for ever.
  const log = new LogGroup(scope, 'PostgresLog', {
    ...logGroupOptions(shape),
    logGroupName: `/aws/rds/instance/${instanceIdentifier}/postgresql`,
  });
  const instance = new DatabaseInstance(scope, 'Postgres', {
    engine,
    instanceIdentifier,
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: [groups.database],
    publiclyAccessible: false,
    instanceType: size.instance,
    multiAz: size.isMultiAz,
    databaseName: user,
    port: ports.postgres,
    credentials: Credentials.fromGeneratedSecret(user, { excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\' }),
    parameterGroup: new ParameterGroup(scope, 'PostgresSettings', {
      engine,
      parameters: {
        'rds.force_ssl': '1',
        max_connections: String(size.maxConnections),
        // Who holds a snapshot open makes open minutes grow (docs/backup.md).
        idle_in_transaction_session_timeout: '60000',
      },
    }),
    caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
    storageEncrypted: true,
    storageType: StorageType.GP3,
    allocatedStorage: size.storageGib,
    maxAllocatedStorage: size.maxStorageGib,
    backupRetention: size.backups,
    copyTagsToSnapshot: true,
    deletionProtection: size.isProtected,
    removalPolicy: RemovalPolicy.SNAPSHOT,
    autoMinorVersionUpgrade: true,
    cloudwatchLogsExports: ['postgresql'],
    iamAuthentication: false,
  });
  instance.node.addDependency(log);
  const { secret } = instance;
  if (secret === undefined) throw new Error('RDS has no generated secret');
  const { hostname } = instance.instanceEndpoint;
  return {
    instance,
    url: `postgres://${user}@${hostname}:${ports.postgres}/${user}?sslmode=verify-full`,
    secret,
  };
}
