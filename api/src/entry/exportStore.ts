import type { Settings } from '@command-center/contract/settings/settings';
import type { Deps } from '../deps.ts';
import type { ExportStore } from '../export/store.ts';
import type { S3Options } from '../s3/store.ts';

/** The bucket of the settings. The SDK is loaded with the first export that is put there: it takes a quarter of a second and 30 MiB. */
export function exportStoreOf(
  { exportBucket, exportEndpoint, exportRegion }: Settings,
  credentials?: S3Options['credentials'],
): Deps['exportStore'] {
  if (exportBucket === undefined) return undefined;
  const options = { bucket: exportBucket, endpoint: exportEndpoint, region: exportRegion };
  let made: ExportStore | undefined;
  return async () => {
    if (made === undefined) {
      const { createS3Store } = await import('../s3/store.ts');
      made ??= createS3Store({ ...options, ...(credentials === undefined ? {} : { credentials }) });
    }
    return made;
  };
}
