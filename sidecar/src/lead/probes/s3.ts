import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { lookupOnce } from './names.ts';
import { answers, fails, type Probe } from './probe.ts';
import { codesOf, wordsOf } from './words.ts';

export interface S3Target {
  readonly bucket: string;
  /** Of a store that is not AWS; its buckets are addressed by path. */
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
}

/** HeadBucket, by the SDK's own chain of credentials: environment, profile, role of the task or function. */
export function s3Probe({ bucket, endpoint, region }: S3Target): Probe {
  const ownRegion = region ?? (endpoint === undefined ? undefined : 'us-east-1');
  const agent = { keepAlive: false, lookup: lookupOnce };
  // One client for all probes: it keeps the credentials of a role until they run out.
  const client = new S3Client({
    ...(ownRegion === undefined ? {} : { region: ownRegion }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, httpsAgent: agent },
  });
  return async (signal) => {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
      return answers('HeadBucket answers');
    } catch (error) {
      return fails(reasonOf(error));
    }
  };
}

function reasonOf(error: unknown): string {
  const { name, $metadata } = error as {
    name?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return `HeadBucket answers ${status}`;
  if (name === 'CredentialsProviderError') return 'no credentials for it were found';
  if (/region is missing/i.test(String(error))) return 'no region is set for it';
  return codesOf(error).length === 0 ? 'its answer is not that of S3' : wordsOf(error);
}
