import { readFileSync } from 'node:fs';
import { livePath } from '@command-center/contract/live';
import { nodeFlags } from '@command-center/sidecar/nodeFlags';
import { CfnOutput, Duration, Fn } from 'aws-cdk-lib';
import {
  AwsLogDriver,
  Cluster,
  type ContainerDefinition,
  ContainerDependencyCondition,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  OperatingSystemFamily,
  Secret as TaskSecret,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import { programImage } from './image.ts';
import { logGroupOptions } from './logGroups.ts';
import { type Network, ports } from './network.ts';
import type { Secrets } from './secrets.ts';
import type { Shape } from './shapes.ts';

export interface ReceiverOptions {
  readonly context: Context;
  readonly shape: Shape;
  readonly network: Network;
  readonly database: Database;
  readonly secrets: Secrets;
}

export const collectorContainer = 'collector';
export const sidecarContainer = 'sidecar';
/** Of the receiver to itself, beside the collector's 4317 and 4318 in the one network namespace of a task. */
const sidecarDoors = { grpc: 14_317, http: 14_318 } as const;
/** MiB of a sidecar: its limit and what a process holds beside it (docs/runbook.md, "Scaling"). */
const sidecarMemoryMib = 1024;
/** `${env:…}` is the collector's to fill in, not CloudFormation's. */
const collectorConfig = (): string =>
  Fn.sub(readFileSync(new URL('../collector/ecs.yaml', import.meta.url), 'utf8').replaceAll('${', '${!'));

/**
 * Collector and sidecar side by side in one task. The collector has no queue: the disk of a task dies with it, so it answers its senders when the sidecar
 * has committed (docs/adr/0027-no-queue-in-a-task.md).
 */
export function receiver(scope: Construct, options: ReceiverOptions): FargateService {
  const { shape, network } = options;
  const cluster = new Cluster(scope, 'Cluster', {
    vpc: network.vpc,
    containerInsightsV2: ContainerInsights.ENABLED,
  });
  const task = new FargateTaskDefinition(scope, 'Task', {
    cpu: shape.taskCpu,
    memoryLimitMiB: shape.taskMemoryMib,
    runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
  });
  const sidecar = addSidecar(scope, task, options);
  const collector = addCollector(scope, task, options);
  // The collector starts last and stops first: what it has accepted still finds its sidecar.
  collector.addContainerDependencies({ container: sidecar, condition: ContainerDependencyCondition.HEALTHY });
  const service = new FargateService(scope, 'Receiver', {
    cluster,
    taskDefinition: task,
    desiredCount: shape.tasks,
    // The next one serves before this one goes: sidecars of two releases work side by side (docs/upgrade.md).
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    assignPublicIp: false,
    vpcSubnets: { subnets: [...network.work] },
    securityGroups: [network.groups.tasks],
    healthCheckGracePeriod: Duration.minutes(3),
    enableExecuteCommand: false,
  });
  new CfnOutput(scope, 'ReceiverService', { value: service.serviceName });
  return service;
}

function addSidecar(
  scope: Construct,
  task: FargateTaskDefinition,
  { context, shape, database, secrets }: ReceiverOptions,
): ContainerDefinition {
  const origin = `https://${context.consoleDomain}`;
  const log = new LogGroup(scope, 'SidecarLog', logGroupOptions(shape));
  return task.addContainer(sidecarContainer, {
    image: programImage(),
    command: ['node', ...nodeFlags, 'sidecar.mjs'],
    essential: true,
    memoryLimitMiB: sidecarMemoryMib,
    readonlyRootFilesystem: true,
    user: '10001:10001',
    portMappings: [{ containerPort: ports.sidecar }],
    environment: {
      COMMAND_CENTER_DATABASE_URL: database.url,
      COMMAND_CENTER_OTLP_GRPC_PORT: String(sidecarDoors.grpc),
      COMMAND_CENTER_OTLP_HTTP_PORT: String(sidecarDoors.http),
      COMMAND_CENTER_SIDECAR_HOST: '0.0.0.0',
      COMMAND_CENTER_ALLOWED_ORIGINS: origin,
      COMMAND_CENTER_LIVE_URL: `wss://${context.consoleDomain}${livePath}`,
      COMMAND_CENTER_METRICS_LOG: 'emf',
    },
    secrets: {
      COMMAND_CENTER_DATABASE_PASSWORD: TaskSecret.fromSecretsManager(database.secret, 'password'),
      COMMAND_CENTER_OTLP_TOKEN: TaskSecret.fromSecretsManager(secrets.otlpToken),
    },
    // Alive, not ready: a database that is away is nothing that a new task would mend.
    healthCheck: {
      command: ['CMD', 'node', 'healthy.mjs', `http://127.0.0.1:${ports.sidecar}/healthz`],
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(30),
    },
    stopTimeout: Duration.seconds(60),
    logging: new AwsLogDriver({ streamPrefix: sidecarContainer, logGroup: log }),
  });
}

function addCollector(
  scope: Construct,
  task: FargateTaskDefinition,
  { context, shape, secrets }: ReceiverOptions,
): ContainerDefinition {
  const log = new LogGroup(scope, 'CollectorLog', logGroupOptions(shape));
  return task.addContainer(collectorContainer, {
    image: ContainerImage.fromRegistry(`otel/opentelemetry-collector-contrib:${context.collectorVersion}`),
    command: ['--config=env:COLLECTOR_CONFIG'],
    essential: true,
    readonlyRootFilesystem: true,
    user: '10001:10001',
    portMappings: [ports.grpc, ports.http, ports.collectorHealth].map((containerPort) => ({ containerPort })),
    environment: {
      COLLECTOR_CONFIG: collectorConfig(),
      SIDECAR_GRPC: `127.0.0.1:${sidecarDoors.grpc}`,
    },
    secrets: { OTLP_TOKEN: TaskSecret.fromSecretsManager(secrets.otlpToken) },
    // Its image has no shell and no program that could ask; the load balancer asks its health port.
    stopTimeout: Duration.seconds(120),
    logging: new AwsLogDriver({ streamPrefix: collectorContainer, logGroup: log }),
  });
}
