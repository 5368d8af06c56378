import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { exportPrefix } from './api.ts';

export type Buckets = Readonly<Record<'console' | 'exports' | 'accessLogs', Bucket>>;

const locked: BucketProps = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.DESTROY,
};

/** The console's files, exports that live a day, and the access logs of all that is asked, for thirty. */
export function buckets(scope: Construct): Buckets {
  const accessLogs = new Bucket(scope, 'AccessLogs', {
    ...locked,
    // CloudFront and load balancers write by access control lists.
    objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
    lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
  const logged = (prefix: string): BucketProps => ({
    ...locked,
    serverAccessLogsBucket: accessLogs,
    serverAccessLogsPrefix: prefix,
  });
  return {
    accessLogs,
    console: new Bucket(scope, 'Console', logged('console/')),
    exports: new Bucket(scope, 'Exports', {
      ...logged('exports/'),
      lifecycleRules: [
        {
          id: 'exports-live-a-day',
          prefix: exportPrefix,
          expiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    }),
  };
}
