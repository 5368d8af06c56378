import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  type ISubnet,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { logGroupOptions } from './logGroups.ts';
import type { Shape } from './shapes.ts';

/** Subnets: `public` holds NAT alone, `work` what runs and must reach the identity provider, `data` the database, with no way out. */
export interface Network {
  readonly vpc: Vpc;
  readonly work: readonly ISubnet[];
  readonly groups: Readonly<Record<'api' | 'tasks' | 'database' | 'live' | 'otlp', SecurityGroup>>;
}

/** Ports that somebody listens on (interfaces.md §5; infra/collector/ecs.yaml). */
export const ports = {
  https: 443,
  grpc: 4317,
  http: 4318,
  sidecar: 4320,
  collectorHealth: 13_133,
  postgres: 5432,
} as const;

/** Nothing is let in from outside of the VPC but what `senders` names. */
export function network(scope: Construct, shape: Shape, senders: readonly string[]): Network {
  const vpc = new Vpc(scope, 'Vpc', {
    maxAzs: shape.zones,
    natGateways: shape.natGateways,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: 'work', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 22 },
      { name: 'data', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ],
    gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
  });
  const flowLogs = new LogGroup(scope, 'FlowLogs', logGroupOptions(shape));
  vpc.addFlowLog('Rejected', {
    destination: FlowLogDestination.toCloudWatchLogs(flowLogs),
    trafficType: FlowLogTrafficType.REJECT,
  });
  const group = (name: string, description: string, allowAllOutbound: boolean): SecurityGroup =>
    new SecurityGroup(scope, `${name}Group`, { vpc, description, allowAllOutbound });
  const groups = {
    api: group('Api', 'API on Lambda: to the database and the identity provider', true),
    tasks: group('Tasks', 'collector and sidecar: to the database, what is probed, and AWS', true),
    database: group('Database', 'Postgres: answers the API and the sidecars', false),
    live: group('Live', 'load balancer of the live socket, reached by CloudFront through its VPC origin', false),
    otlp: group('Otlp', 'load balancer of OTLP, reached by what sends telemetry', false),
  };
  const { api, tasks, database, live, otlp } = groups;
  const tcp = (port: number) => Port.tcp(port);
  database.addIngressRule(api, tcp(ports.postgres), 'API');
  database.addIngressRule(tasks, tcp(ports.postgres), 'sidecars');
  // CloudFront's VPC origin has its interfaces in these subnets.
  live.addIngressRule(Peer.ipv4(vpc.vpcCidrBlock), tcp(ports.https), 'CloudFront, by its VPC origin');
  live.addEgressRule(tasks, tcp(ports.sidecar), 'sidecars');
  tasks.addIngressRule(live, tcp(ports.sidecar), 'live socket');
  for (const port of [ports.grpc, ports.http]) {
    for (const block of [vpc.vpcCidrBlock, ...senders])
      otlp.addIngressRule(Peer.ipv4(block), tcp(port), 'senders of telemetry');
    otlp.addEgressRule(tasks, tcp(port), 'collectors');
    tasks.addIngressRule(otlp, tcp(port), 'OTLP');
  }
  otlp.addEgressRule(tasks, tcp(ports.collectorHealth), 'health of collectors');
  tasks.addIngressRule(otlp, tcp(ports.collectorHealth), 'health of the collector');
  return { vpc, work: vpc.selectSubnets({ subnetGroupName: 'work' }).subnets, groups };
}
