import { isReasonCode, reasons } from '@command-center/contract/reasons';
import { readSettings } from '@command-center/contract/settings/settings';
import { connect } from '@command-center/drizzle/connect';
import { Committer } from '@command-center/sidecar/batch/committer';
import { curateRequest } from '@command-center/sidecar/batch/curateRequest';
import { Engine } from '@command-center/sidecar/batch/engine';
import { createCurator } from '@command-center/sidecar/curate/curator';
import { decodeJson } from '@command-center/sidecar/decode/json';
import { decodeProtobuf } from '@command-center/sidecar/decode/protobuf';
import type { Signal } from '@command-center/sidecar/decode/records';
import type { ExportResult } from '@command-center/sidecar/receive/export';
import { moveOwnWindows } from '@command-center/sidecar/store/moveWindows';
import { FaultProxy } from '../database/proxy.ts';

const settings = readSettings({});
/** Longer than any schedule holds anything back. */
const ANSWER_DEADLINE_MS = 30_000;

/** `again` = to be sent again: no answer, or one that says so. */
export type Answer = 'acknowledged' | 'again';

export interface InProcessOptions {
  readonly databaseUrl: string;
  /** The schedule's clock, as this sidecar reads it. */
  readonly nowMs: () => number;
  readonly log: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Windows kept in memory. */
  readonly maxWindows?: number;
}

/** A sidecar's chain from decoding to Postgres, as main.ts builds it, with a clock and a way to Postgres in the schedule's hands. */
export class InProcessSidecar {
  readonly proxy: FaultProxy;
  readonly #sql: ReturnType<typeof connect>;
  readonly #engine: Engine;
  readonly #committer: Committer;
  readonly #died = Promise.withResolvers<'again'>();
  #isAlive = true;

  private constructor(proxy: FaultProxy, { databaseUrl, nowMs, log, maxWindows }: InProcessOptions) {
    const url = new URL(databaseUrl);
    url.port = String(proxy.port);
    this.proxy = proxy;
    this.#sql = connect(url.href, { name: 'command-center-sidecar', max: 2 });
    const engine = new Engine({
      sql: this.#sql,
      maxSeriesPerMetric: settings.maxSeriesPerMetric,
      nowMs,
      log,
      ...(maxWindows === undefined ? {} : { maxWindows }),
    });
    const curator = createCurator({ settings, nowMs });
    this.#engine = engine;
    this.#committer = new Committer({
      curate: (request) => curateRequest(curator, request),
      commit: (requests) => engine.commit(requests),
      maxBytesInFlight: settings.memoryLimitBytes,
    });
  }

  static async start(options: InProcessOptions): Promise<InProcessSidecar> {
    const { hostname, port } = new URL(options.databaseUrl);
    return new InProcessSidecar(await FaultProxy.start({ host: hostname, port: Number(port) }), options);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** @throws Error where the answer is one that no retry cures. */
  async send(signal: Signal, bytes: Uint8Array, isJson: boolean): Promise<Answer> {
    if (!this.#isAlive) return 'again';
    const request = isJson ? decodeJson(signal, bytes) : decodeProtobuf(signal, bytes);
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('a sidecar left a request without an answer')), ANSWER_DEADLINE_MS);
    try {
      const answered = this.#committer.export(request, bytes.length).then(meaningOf);
      // The dead give no answers, also where their promises are still kept.
      return await Promise.race([this.#died.promise, answered, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** As upkeep does, between two batches. */
  async moveWindows(): Promise<void> {
    const { writer } = this.#engine;
    if (writer === undefined) return;
    // An outage meets it as well as a batch; the next turn makes up for it.
    await this.#committer.exclusively(() => moveOwnWindows(this.#sql, writer)).catch(() => 0);
  }

  /** All of the committed state leaves memory. */
  async evictAll(): Promise<void> {
    await this.#committer.exclusively(async () => this.#engine.forget());
  }

  /** Ends at this very moment: nothing it still does reaches anyone. Resolves when its connections are gone. */
  async kill(): Promise<void> {
    this.#isAlive = false;
    this.#died.resolve('again');
    await this.proxy.close();
    await this.#sql.end({ timeout: 0 });
  }

  /** Doors shut, what was accepted committed or refused, pool closed. */
  async stop(): Promise<void> {
    await this.#committer.stop();
    this.#isAlive = false;
    await this.#sql.end({ timeout: 1 });
    await this.proxy.close();
  }
}

function meaningOf(result: ExportResult): Answer {
  if (result.outcome === 'stored') {
    if (result.rejected > 0) throw new Error(`rejected in part: ${result.message}`);
    return 'acknowledged';
  }
  const { reason } = result;
  if (isReasonCode(reason) && reasons[reason].isRetryable) return 'again';
  throw new Error(`refused for good: ${reason} ${result.message}`);
}
