import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { consolePolicy } from '@command-center/api/headers';
import { livePath } from '@command-center/contract/live';
import { retentionDays } from '@command-center/contract/retention';
import { rows, settingKeys } from '@command-center/contract/settings/rows';
import { createEmf, emfNamespace } from '@command-center/sidecar/operate/emf';
import { createMeters } from '@command-center/sidecar/operate/meters';
import { metricRows } from '@command-center/sidecar/operate/metricRows';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { acknowledged } from './acknowledged.ts';
import { platformAlarms, sidecarAlarms } from './alarmRows.ts';
import { checkedApp } from './checked.ts';
import { readContext, sampleContext } from './context.ts';
import { apiPaths } from './paths.ts';
import { CommandCenterStack } from './stack.ts';

const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.any()).default({}) });
type Resource = z.infer<typeof resource>;
/** Whatever CloudFormation has there. */
type Properties = Resource['Properties'];
const template = z.object({ Resources: z.record(z.string(), resource) });

const folder = mkdtempSync(join(tmpdir(), 'command-center-cdk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without an account, network or docker; refused where cdk-nag finds what nobody explained. */
function synthesise(shape: string): {
  readonly resources: readonly Resource[];
  readonly text: string;
  readonly file: string;
} {
  const app = checkedApp({ outdir: join(folder, shape), context: { ...sampleContext, shape } });
  new CommandCenterStack(
    app,
    readContext((key) => app.node.tryGetContext(key)),
  );
  const [stack] = app.synth().stacks;
  if (stack === undefined) throw new Error('no stack');
  const file = stack.templateFullPath;
  const text = readFileSync(file, 'utf8');
  return { resources: Object.values(template.parse(JSON.parse(text)).Resources), text, file };
}

describe.each(['dev', 'prod'])('the AWS stack in its shape %s', (shape) => {
  const { resources, text, file } = synthesise(shape);
  const of = (type: string): Properties[] =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const one = (type: string): Properties => {
    const [first, ...others] = of(type);
    if (first === undefined || others.length > 0) throw new Error(`${others.length + 1} of ${type}`);
    return first;
  };
  const containers = (): Properties[] => one('AWS::ECS::TaskDefinition').ContainerDefinitions;
  const environmentOf = (container: Properties): Record<string, unknown> =>
    Object.fromEntries(container.Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]));

  it('has a database that nobody reaches from outside, that speaks TLS alone, and is encrypted and backed up', () => {
    const postgres = one('AWS::RDS::DBInstance');
    expect(postgres).toMatchObject({ PubliclyAccessible: false, StorageEncrypted: true, Engine: 'postgres' });
    expect(postgres.BackupRetentionPeriod).toBeGreaterThanOrEqual(shape === 'prod' ? 14 : 7);
    expect([postgres.MultiAZ, postgres.DeletionProtection]).toEqual(shape === 'prod' ? [true, true] : [false, false]);
    expect(one('AWS::RDS::DBParameterGroup').Parameters).toMatchObject({ 'rds.force_ssl': '1' });
    const isolated = resources.filter(({ Type }) => Type === 'AWS::EC2::Route').length;
    expect(isolated).toBe(of('AWS::EC2::Subnet').length - 2);
    for (const url of [
      environmentOf(containers().find(({ Name }) => Name === 'sidecar') ?? {}),
      one('AWS::Lambda::Function').Environment.Variables,
    ])
      expect(JSON.stringify(url.COMMAND_CENTER_DATABASE_URL)).toContain('sslmode=verify-full');
  });

  it('lets nothing in from the internet but what CloudFront brings', () => {
    const ingress = [
      ...of('AWS::EC2::SecurityGroupIngress'),
      ...of('AWS::EC2::SecurityGroup').flatMap(({ SecurityGroupIngress = [] }) => SecurityGroupIngress),
    ];
    expect(ingress.length).toBeGreaterThan(5);
    expect(JSON.stringify(ingress)).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
    for (const { Scheme } of of('AWS::ElasticLoadBalancingV2::LoadBalancer')) expect(Scheme).toBe('internal');
    expect(one('AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
    expect(of('AWS::CloudFront::VpcOrigin')).toHaveLength(1);
    for (const bucket of of('AWS::S3::Bucket'))
      expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
  });

  it('speaks TLS of 1.2 and later everywhere that a request enters', () => {
    for (const { Protocol, SslPolicy, Certificates } of of('AWS::ElasticLoadBalancingV2::Listener')) {
      expect(['HTTPS', 'TLS']).toContain(Protocol);
      expect(SslPolicy).toMatch(/^ELBSecurityPolicy-TLS13-1-2/);
      expect(Certificates).toHaveLength(1);
    }
    const { DistributionConfig } = one('AWS::CloudFront::Distribution');
    expect(DistributionConfig.ViewerCertificate.MinimumProtocolVersion).toBe('TLSv1.2_2021');
    for (const behaviour of [DistributionConfig.DefaultCacheBehavior, ...DistributionConfig.CacheBehaviors])
      expect(['redirect-to-https', 'https-only']).toContain(behaviour.ViewerProtocolPolicy);
    const [vpcOrigin] = of('AWS::CloudFront::VpcOrigin');
    expect(vpcOrigin?.VpcOriginEndpointConfig.OriginProtocolPolicy).toBe('https-only');
    const policies = JSON.stringify(of('AWS::S3::BucketPolicy'));
    expect(policies.match(/"aws:SecureTransport":"false"/g)?.length).toBeGreaterThanOrEqual(
      of('AWS::S3::Bucket').length,
    );
  });

  it('gives no right to everything but those that AWS takes for nothing narrower', () => {
    const statements = of('AWS::IAM::Policy').flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    expect(statements.length).toBeGreaterThan(3);
    for (const { Action, Resource } of statements) {
      const actions: string[] = [Action].flat();
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
      if ([Resource].flat().includes('*')) expect(actions).toEqual(['ecr:GetAuthorizationToken']);
    }
  });

  it('keeps no log for ever, and exports a day', () => {
    const groups = of('AWS::Logs::LogGroup');
    expect(groups.length).toBeGreaterThanOrEqual(5);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBeLessThanOrEqual(retentionDays);
    const rules = of('AWS::S3::Bucket').flatMap(({ LifecycleConfiguration }) => LifecycleConfiguration?.Rules ?? []);
    expect(rules).toContainEqual(
      expect.objectContaining({ Prefix: 'exports/', ExpirationInDays: 1, Status: 'Enabled' }),
    );
    expect(rules).toContainEqual(expect.objectContaining({ ExpirationInDays: retentionDays }));
  });

  it('is one origin: paths of the API lead to it, the live socket to the sidecars, all else to the console', () => {
    const { DistributionConfig } = one('AWS::CloudFront::Distribution');
    const { DefaultCacheBehavior, CacheBehaviors } = DistributionConfig;
    expect(CacheBehaviors.map(({ PathPattern }: Properties) => PathPattern)).toEqual([livePath, ...apiPaths]);
    const [live, ...api] = CacheBehaviors.map(({ TargetOriginId }: Properties) => TargetOriginId);
    expect(new Set(api).size).toBe(1);
    expect(new Set([live, api[0], DefaultCacheBehavior.TargetOriginId]).size).toBe(3);
    // CachingDisabled: what is asked is never another's answer.
    for (const { CachePolicyId } of CacheBehaviors) expect(CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
    expect(DistributionConfig.Aliases).toEqual([sampleContext.consoleDomain]);
    const headers = JSON.stringify(one('AWS::CloudFront::ResponseHeadersPolicy'));
    expect(headers).toContain(JSON.stringify(consolePolicy(null)).slice(1, -1));
  });

  it('answers in streams, behind a secret that CloudFront alone shows', () => {
    expect(one('AWS::Lambda::Url')).toMatchObject({ InvokeMode: 'RESPONSE_STREAM', AuthType: 'NONE' });
    const { Environment, ReservedConcurrentExecutions } = one('AWS::Lambda::Function');
    expect(JSON.stringify(Environment.Variables.COMMAND_CENTER_ORIGIN_SECRET)).toMatch(/aws-secret:/);
    const { Origins } = one('AWS::CloudFront::Distribution').DistributionConfig;
    const shown = Origins.flatMap(({ OriginCustomHeaders = [] }: Properties) => OriginCustomHeaders);
    expect(shown.map(({ HeaderName }: Record<string, string>) => HeaderName)).toEqual([
      'x-command-center-origin',
      'x-forwarded-host',
    ]);
    // Four a sandbox, ten a sidecar, while two of each serve during a deployment.
    const connections = Number(one('AWS::RDS::DBParameterGroup').Parameters.max_connections);
    expect(ReservedConcurrentExecutions * 4 + 2 * one('AWS::ECS::Service').DesiredCount * 10).toBeLessThan(
      connections * 0.9,
    );
  });

  it('names no setting that does not exist, and holds no secret in plain text', () => {
    const sidecar = containers().find(({ Name }) => Name === 'sidecar') ?? {};
    const { Variables } = one('AWS::Lambda::Function').Environment;
    const given = [
      ...Object.keys(environmentOf(sidecar)),
      ...sidecar.Secrets.map(({ Name }: { Name: string }) => Name),
      ...Object.keys(Variables),
    ].filter((name) => name.startsWith('COMMAND_CENTER_') || name.startsWith('OTEL_'));
    const known = new Map(settingKeys.map((key) => [rows[key].name, rows[key]]));
    expect(given.filter((name) => !known.has(name))).toEqual([]);
    const plain = { ...environmentOf(sidecar), ...Variables };
    for (const [name, value] of Object.entries(plain))
      if (known.get(name)?.isSecret === true && !name.endsWith('DATABASE_URL'))
        expect([name, JSON.stringify(value)]).toEqual([name, expect.stringContaining('aws-secret:')]);
    expect(JSON.stringify(plain.COMMAND_CENTER_DATABASE_URL)).not.toMatch(/postgres:\/\/[^@"]*:[^@"]*@/);
    expect(text).not.toMatch(/Bearer [A-Za-z0-9]{16,}/);
  });

  it('runs collector and sidecar side by side, as nobody, replaced without a gap and judged by being alive', () => {
    expect(one('AWS::ECS::Service')).toMatchObject({
      DesiredCount: shape === 'prod' ? 2 : 1,
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
    expect(
      containers()
        .map(({ Name }) => Name)
        .sort(),
    ).toEqual(['collector', 'sidecar']);
    for (const { User, ReadonlyRootFilesystem, Name, Image } of containers()) {
      expect([Name, User, ReadonlyRootFilesystem]).toEqual([Name, '10001:10001', true]);
      if (Name === 'collector') expect(Image).toMatch(/^otel\/opentelemetry-collector-contrib:\d+\.\d+\.\d+$/);
    }
    const [collector] = containers().filter(({ Name }) => Name === 'collector');
    expect(collector?.DependsOn).toEqual([{ ContainerName: 'sidecar', Condition: 'HEALTHY' }]);
    const checks = of('AWS::ElasticLoadBalancingV2::TargetGroup').map(({ HealthCheckPath }) => HealthCheckPath);
    expect(checks.sort()).toEqual(['/', '/', '/healthz']);
    expect(text).not.toContain('/readyz');
    const config = JSON.stringify(environmentOf(collector ?? {}).COLLECTOR_CONFIG);
    // The collector's to fill in, not CloudFormation's.
    expect(config).toMatch(/\$\{!env:OTLP_TOKEN\}/);
    expect(config).not.toMatch(/\$\{env:/);
  });

  it('has an alarm for each row, on metrics that the sidecar writes, and each leads to the runbook', () => {
    const made = of('AWS::CloudWatch::Alarm');
    const titles = [...sidecarAlarms, ...Object.values(platformAlarms)].map(({ title }) => title);
    expect(made).toHaveLength(titles.length);
    for (const title of titles)
      expect(
        made.filter(({ AlarmDescription }) => AlarmDescription.includes(`docs/runbook.md, "${title}"`)),
      ).toHaveLength(1);
    for (const alarm of made) expect([alarm.AlarmActions.length, alarm.OKActions.length]).toEqual([1, 1]);
    const meters = createMeters();
    for (const job of new Set(sidecarAlarms.flatMap((row) => row.job ?? []))) meters.add('leaderRuns', 1, job);
    for (const key of ['ready', 'lag', 'queueAge', 'residentMemory'] as const) meters.observe(key, () => 1);
    const lines = createEmf('command-center-sidecar')(meters.snapshot(), 0).map((line) => JSON.parse(line));
    for (const alarm of made.filter(({ Namespace }) => Namespace === emfNamespace)) {
      const dimensions: { Name: string; Value: string }[] = alarm.Dimensions;
      const names = dimensions.map(({ Name }) => Name).sort();
      const written = lines.filter(
        (line) =>
          Object.hasOwn(line, alarm.MetricName) &&
          dimensions.every(({ Name, Value }) => line[Name] === Value) &&
          JSON.stringify([...line._aws.CloudWatchMetrics[0].Dimensions[0]].sort()) === JSON.stringify(names),
      );
      expect([alarm.MetricName, written.length]).toEqual([alarm.MetricName, 1]);
      expect(Object.values(metricRows).map(({ name }) => name)).toContain(alarm.MetricName);
    }
  });

  it('is what cfn-lint finds nothing in', ({ skip }) => {
    const program =
      process.env.CFN_LINT ??
      join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'command-center/cfn-lint/bin/cfn-lint');
    if (!existsSync(program)) skip(`no cfn-lint: .ci/run installs it, or name one by CFN_LINT`);
    // W3005: CDK writes dependencies that CloudFormation would see by itself. W1020: Fn::Sub is there to pass ${…} on to the collector.
    execFileSync(program, ['--ignore-checks', 'W3005', 'W1020', '--', file], { encoding: 'utf8', timeout: 120_000 });
  }, 130_000);
});

describe('what is acknowledged of cdk-nag', () => {
  it('has a reason each, and each is still found', () => {
    for (const shape of ['dev', 'prod'] as const) {
      const app = checkedApp({ outdir: join(folder, `bare-${shape}`), context: { ...sampleContext, shape } });
      new CommandCenterStack(
        app,
        readContext((key) => app.node.tryGetContext(key)),
        { isBare: true },
      );
      let found: string[] = [];
      try {
        app.synth();
      } catch (error) {
        found = (error instanceof Error ? error.message : '').split('\n\n');
      }
      for (const { rule, path, reason, shape: only } of acknowledged) {
        if (only !== undefined && only !== shape) continue;
        expect(reason.length).toBeGreaterThan(40);
        const isFound = found.some((each) => each.includes(`/${path} `) && each.includes(`AwsSolutions-${rule}'`));
        expect([shape, path, rule, isFound]).toEqual([shape, path, rule, true]);
      }
    }
  });
});
