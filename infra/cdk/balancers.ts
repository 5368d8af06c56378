import { CfnOutput, Duration } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  AlpnPolicy,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  NetworkLoadBalancer,
  Protocol,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Context } from './context.ts';
import { type Network, ports } from './network.ts';
import { collectorContainer, sidecarContainer } from './receiver.ts';

export interface Balancers {
  /** Of the live socket: HTTP, for CloudFront alone. */
  readonly live: ApplicationLoadBalancer;
  /** Of OTLP: TLS ends here, whatever is spoken inside. */
  readonly otlp: NetworkLoadBalancer;
}

/** Longer than the 5 s between frames of the live socket (docs/live.md), and than a pause of the network. */
const idle = Duration.seconds(120);

/** Two load balancers inside of the VPC; neither has a public address. */
export function balancers(
  scope: Construct,
  service: FargateService,
  network: Network,
  context: Context,
  logs: Bucket,
): Balancers {
  const certificate = Certificate.fromCertificateArn(scope, 'RegionalCertificate', context.regionalCertificateArn);
  const inside = { vpc: network.vpc, internetFacing: false, vpcSubnets: { subnets: [...network.work] } };
  const live = new ApplicationLoadBalancer(scope, 'LiveBalancer', {
    ...inside,
    securityGroup: network.groups.live,
    idleTimeout: idle,
    dropInvalidHeaderFields: true,
  });
  live.logAccessLogs(logs, 'live');
  live
    .addListener('Https', {
      port: ports.https,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificate],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      open: false,
    })
    .addTargets('Sidecars', {
      port: ports.sidecar,
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName: sidecarContainer, containerPort: ports.sidecar })],
      // Alive, not ready: while the database is away a socket stays open and says so.
      healthCheck: { path: '/healthz', healthyHttpCodes: '200', interval: Duration.seconds(10) },
      deregistrationDelay: Duration.seconds(10),
    });
  const otlp = new NetworkLoadBalancer(scope, 'OtlpBalancer', {
    ...inside,
    securityGroups: [network.groups.otlp],
    crossZoneEnabled: true,
  });
  otlp.logAccessLogs(logs, 'otlp');
  for (const [name, port] of [
    ['Grpc', ports.grpc],
    ['Http', ports.http],
  ] as const)
    otlp
      .addListener(name, {
        port,
        protocol: Protocol.TLS,
        certificates: [certificate],
        sslPolicy: SslPolicy.RECOMMENDED_TLS,
        ...(name === 'Grpc' ? { alpnPolicy: AlpnPolicy.HTTP2_ONLY } : {}),
      })
      .addTargets(`Collectors${name}`, {
        port,
        protocol: Protocol.TCP,
        targets: [service.loadBalancerTarget({ containerName: collectorContainer, containerPort: port })],
        healthCheck: {
          protocol: Protocol.HTTP,
          path: '/',
          port: String(ports.collectorHealth),
          interval: Duration.seconds(10),
        },
        // Calls under way end: a collector waits for its sidecar's commit.
        deregistrationDelay: Duration.seconds(30),
      });
  new CfnOutput(scope, 'OtlpName', {
    value: otlp.loadBalancerDnsName,
    description: `make ${context.otlpDomain} a CNAME of this, in the DNS of the VPC`,
  });
  return { live, otlp };
}
