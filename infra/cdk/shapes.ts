import { Duration } from 'aws-cdk-lib';
import { InstanceClass, InstanceSize, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What `dev` and `prod` differ in, and nothing else does. */
export interface Shape {
  /** Availability zones. */
  readonly zones: number;
  /** NAT gateways: one is cheap and a single point of failure for what goes out (identity provider, probes). */
  readonly natGateways: number;
  readonly database: {
    readonly instance: InstanceType;
    readonly isMultiAz: boolean;
    readonly storageGib: number;
    readonly maxStorageGib: number;
    /** Of the whole server: 10 a sidecar, 4 a sandbox of the API, and some for people. */
    readonly maxConnections: number;
    readonly backups: Duration;
    readonly isProtected: boolean;
  };
  /** Tasks of collector and sidecar; a sidecar is one thread. */
  readonly tasks: number;
  /** CPU units and MiB of a task, both containers. */
  readonly taskCpu: 512 | 1024;
  readonly taskMemoryMib: 2048 | 3072;
  /** Sandboxes of the API at once: each holds up to 4 connections. */
  readonly apiConcurrency: number;
  readonly logs: RetentionDays;
}

export const shapes: Readonly<Record<'dev' | 'prod', Shape>> = {
  dev: {
    zones: 2,
    natGateways: 1,
    database: {
      instance: InstanceType.of(InstanceClass.T4G, InstanceSize.SMALL),
      isMultiAz: false,
      storageGib: 20,
      maxStorageGib: 50,
      maxConnections: 150,
      backups: Duration.days(7),
      isProtected: false,
    },
    tasks: 1,
    taskCpu: 512,
    taskMemoryMib: 2048,
    apiConcurrency: 10,
    logs: RetentionDays.TWO_WEEKS,
  },
  prod: {
    zones: 2,
    natGateways: 2,
    database: {
      instance: InstanceType.of(InstanceClass.M7G, InstanceSize.LARGE),
      isMultiAz: true,
      storageGib: 100,
      maxStorageGib: 500,
      maxConnections: 400,
      backups: Duration.days(14),
      isProtected: true,
    },
    tasks: 2,
    taskCpu: 1024,
    taskMemoryMib: 3072,
    apiConcurrency: 40,
    logs: RetentionDays.ONE_MONTH,
  },
};
