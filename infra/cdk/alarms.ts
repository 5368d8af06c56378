import { emfNamespace } from '@command-center/sidecar/operate/emf';
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { platformAlarms, sidecarAlarms } from './alarmRows.ts';
import type { Api } from './api.ts';
import type { Balancers } from './balancers.ts';
import type { Context } from './context.ts';
import type { Database } from './database.ts';
import type { Shape } from './shapes.ts';

export interface AlarmOptions {
  readonly context: Context;
  readonly shape: Shape;
  readonly database: Database;
  readonly api: Api;
  readonly balancers: Balancers;
}

/** Of resident services as the sidecar names itself (OTEL_SERVICE_NAME). */
const sidecarName = 'command-center-sidecar';
interface Rule {
  readonly title: string;
  readonly meaning: string;
  readonly metric: IMetric;
  readonly comparison: 'above' | 'below';
  readonly threshold: number;
  readonly periods: number;
  readonly isSilenceBad?: boolean;
}

/** Every alarm tells one topic; its description leads to its entry in the runbook. */
export function alarms(scope: Construct, options: AlarmOptions): void {
  const action = new SnsAction(topic(scope, options.context));
  for (const { title, meaning, metric, comparison, threshold, periods, isSilenceBad } of [
    ...ofSidecars(),
    ...ofPlatform(options),
  ]) {
    const alarm = new Alarm(scope, title.replaceAll(/[^A-Za-z0-9]/g, ''), {
      alarmDescription: `${title}. ${meaning} What to do: docs/runbook.md, "${title}".`,
      metric,
      comparisonOperator:
        comparison === 'above' ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold,
      evaluationPeriods: periods,
      treatMissingData: isSilenceBad === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}

function topic(scope: Construct, { alarmEmail }: Context): Topic {
  // CloudWatch cannot use the key that SNS manages.
  const key = new Key(scope, 'AlarmKey', { description: 'Command Center: alarms', enableKeyRotation: true });
  key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
  const made = new Topic(scope, 'Alarms', { masterKey: key, enforceSSL: true });
  if (alarmEmail !== undefined) made.addSubscription(new EmailSubscription(alarmEmail));
  return made;
}

function ofSidecars(): Rule[] {
  return sidecarAlarms.map(({ metric, job, statistic, periodMinutes, ...rule }) => ({
    ...rule,
    metric: new Metric({
      namespace: emfNamespace,
      metricName: `command_center.sidecar.${metric}`,
      dimensionsMap: { 'service.name': sidecarName, ...(job === undefined ? {} : { job }) },
      statistic,
      period: Duration.minutes(periodMinutes),
    }),
  }));
}

function ofPlatform({ shape, database, api, balancers }: AlarmOptions): Rule[] {
  const { instance } = database;
  const period = Duration.minutes(5);
  const of = (statistic: string) => ({ statistic, period });
  const unhealthy = (namespace: string, dimension: string): Metric =>
    new Metric({
      namespace,
      metricName: 'HealthyHostCount',
      dimensionsMap: { LoadBalancer: dimension },
      ...of(Stats.MINIMUM),
    });
  const rule = (
    name: keyof typeof platformAlarms,
    metric: IMetric,
    threshold: number,
    more: Partial<Rule> = {},
  ): Rule => ({
    ...platformAlarms[name],
    metric,
    comparison: 'above',
    threshold,
    periods: 3,
    ...more,
  });
  const tenth = (shape.database.maxStorageGib * 2 ** 30) / 10;
  return [
    rule(
      'storage',
      instance.metricFreeStorageSpace(of(Stats.MINIMUM)),
      Math.min(tenth, (shape.database.storageGib * 2 ** 30) / 10),
      { comparison: 'below' },
    ),
    rule('databaseCpu', instance.metricCPUUtilization(of(Stats.AVERAGE)), 90),
    rule('connections', instance.metricDatabaseConnections(of(Stats.MAXIMUM)), shape.database.maxConnections * 0.8),
    rule('apiErrors', api.function.metricErrors(of(Stats.SUM)), 5),
    rule('apiThrottles', api.function.metricThrottles(of(Stats.SUM)), 5),
    // CloudFront tells its own figures in us-east-1 alone, where an alarm of this stack cannot see them.
    rule('apiAnswers', api.function.metric('Url5xxCount', of(Stats.SUM)), 20),
    rule('live', unhealthy('AWS/ApplicationELB', balancers.live.loadBalancerFullName), 1, {
      comparison: 'below',
      isSilenceBad: true,
    }),
    rule('otlp', unhealthy('AWS/NetworkELB', balancers.otlp.loadBalancerFullName), 1, {
      comparison: 'below',
      isSilenceBad: true,
    }),
  ];
}
