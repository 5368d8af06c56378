import { RemovalPolicy } from 'aws-cdk-lib';
import type { LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Shape } from './shapes.ts';

/** Kept as long as the shape says, and gone with the stack: nothing in them is telemetry. */
export function logGroupOptions({ logs }: Shape): LogGroupProps {
  return { retention: logs, removalPolicy: RemovalPolicy.DESTROY };
}
