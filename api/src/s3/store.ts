import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { reasons } from '@command-center/contract/reasons';
import { type ExportFile, type ExportStore, ExportStoreError } from '../export/store.ts';
import { inParts } from './parts.ts';

/** Bytes of one part: S3 takes none below 5 MiB but the last, and this is what an upload holds in memory. */
const partBytes = 5 * 2 ** 20;
/** Tries of one request, the first among them. */
const tries = 2;
/** Milliseconds until a connection stands, and until a request is answered. */
const connectMs = 3_000;
const requestMs = 10_000;
/** Milliseconds to take back what was begun. */
const abortMs = 5_000;

export interface S3Options {
  readonly bucket: string;
  /** Of a store that is not AWS; its buckets are addressed by path. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** Where left out, the SDK looks where it always does: environment, profile, role of the task or function. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Exports in a bucket of S3, or of a store that speaks its protocol. Multipart where a file is larger than a part. */
export function createS3Store({ bucket, endpoint, region, credentials }: S3Options): ExportStore {
  const ownRegion = region ?? (endpoint === undefined ? undefined : 'us-east-1');
  const client = new S3Client({
    ...(ownRegion === undefined ? {} : { region: ownRegion }),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: tries,
    requestHandler: { connectionTimeout: connectMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
    // Not every store knows the newer checksums, and some keep their framing as content.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    async put(file, parts, linkSeconds, signal) {
      await upload(client, bucket, file, parts, signal);
      const attachment = `attachment; filename="${file.name}"`;
      const get = new GetObjectCommand({ Bucket: bucket, Key: file.key, ResponseContentDisposition: attachment });
      return sent(getSignedUrl(client, get, { expiresIn: linkSeconds }));
    },
  };
}

async function upload(
  client: S3Client,
  bucket: string,
  file: ExportFile,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const at = { Bucket: bucket, Key: file.key };
  const object = { ...at, ContentType: file.mediaType };
  const options = { abortSignal: signal };
  let uploadId: string | undefined;
  const done: { PartNumber: number; ETag: string | undefined }[] = [];
  try {
    for await (const { bytes, isLast } of inParts(chunks, partBytes)) {
      if (isLast && uploadId === undefined) {
        await sent(client.send(new PutObjectCommand({ ...object, Body: bytes }), options));
        return;
      }
      // An empty last part is none, and no store need take it.
      if (bytes.length === 0) continue;
      uploadId ??= (await sent(client.send(new CreateMultipartUploadCommand(object), options))).UploadId;
      const part = { ...at, UploadId: uploadId, PartNumber: done.length + 1, Body: bytes };
      const { ETag } = await sent(client.send(new UploadPartCommand(part), options));
      done.push({ PartNumber: part.PartNumber, ETag });
    }
    const whole = { ...at, UploadId: uploadId, MultipartUpload: { Parts: done } };
    await sent(client.send(new CompleteMultipartUploadCommand(whole), options));
  } catch (error) {
    if (uploadId !== undefined) await takeBack(client, { ...at, UploadId: uploadId });
    throw error;
  }
}

/** Nothing is left half; where the store is away by now, the bucket's rule for unfinished uploads does it (docs/exports.md). */
async function takeBack(
  client: S3Client,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string },
): Promise<void> {
  const options = { abortSignal: AbortSignal.timeout(abortMs) };
  await client.send(new AbortMultipartUploadCommand(upload), options).catch(() => undefined);
}

/** Waits for the store; what it throws is the store's fault. */
async function sent<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw faultOf(error);
  }
}

/** What a store answers that is asked too often. */
const tooMany = reasons.too_many_requests.httpStatus;

/** Whether waiting may cure it: no answer at all, or one that says so. */
function faultOf(error: unknown): ExportStoreError {
  const {
    name = '',
    code,
    $metadata,
  } = error as { name?: string; code?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  const isAnswered =
    status >= 300 && status < 500 && status !== tooMany && name !== 'SlowDown' && name !== 'RequestTimeout';
  const isOurs = name === 'CredentialsProviderError' || /region is missing/i.test(String(error));
  return new ExportStoreError(isAnswered || isOurs ? 'refused' : 'away', code ?? name, error);
}
