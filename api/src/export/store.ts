/** Where exports are put for a while (COMMAND_CENTER_EXPORT_BUCKET); made by the runtime's entry. */
export interface ExportStore {
  /**
   * Writes a file, whole or not at all, and answers a link to it that is good for `linkSeconds`. Holds one part of it in memory. Rejects with
   * ExportStoreError where the store is away or refuses, with what `signal` says where that ends it, and with the error of `parts` as it is.
   */
  put(file: ExportFile, parts: AsyncIterable<Uint8Array>, linkSeconds: number, signal: AbortSignal): Promise<string>;
}

export interface ExportFile {
  /** Unguessable; says nothing of the content. */
  readonly key: string;
  /** Under which the link saves it. */
  readonly name: string;
  readonly mediaType: string;
}

/** The store's fault: `away` may be cured by waiting, `refused` by its operator. */
export class ExportStoreError extends Error {
  override readonly name = 'ExportStoreError';
  readonly kind: 'away' | 'refused';
  /** The store's own word: `AccessDenied`, `NoSuchBucket`, `ECONNREFUSED`. */
  readonly code: string;

  constructor(kind: ExportStoreError['kind'], code: string, cause: unknown) {
    super(`the export bucket is ${kind} (${code})`, { cause });
    this.kind = kind;
    this.code = code;
  }
}
