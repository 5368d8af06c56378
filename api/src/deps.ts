import type { Contract } from '@command-center/contract/contract';
import type { Settings } from '@command-center/contract/settings/settings';
import type { Sql } from 'postgres';
import type { Identity } from './auth/identity.ts';
import type { ExportStore } from './export/store.ts';

/** One event of the API's own log; `fields` hold no parameters and no values of telemetry. */
export interface LogEntry {
  readonly level: 'warn' | 'error';
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

/** What the application is given; it knows nothing else of the runtime it is on. */
export interface Deps {
  readonly sql: Sql;
  /** No request may wait for what another one began: Workers ties what is awaited to the request that began it. Default false. */
  readonly areRequestsApart?: boolean;
  /** Milliseconds for which an answer may be given to who asks the same; default limits.heldAnswerMs. */
  readonly heldAnswerMs?: number;
  readonly settings: Settings;
  /** The built-in one where left out. */
  readonly contract?: Contract | undefined;
  readonly version: string;
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: () => number;
  readonly log?: (entry: LogEntry) => void;
  /** Where the runtime has a quicker one than CompressionStream. */
  readonly gzip?: (plain: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;
  /** The console's static files; null where a path is none of them. */
  readonly consoleFile?: (request: Request) => Promise<Response | null>;
  /** Where exports are put, loaded when one is; without it they are only answered. */
  readonly exportStore?: (() => Promise<ExportStore>) | undefined;
  /** The live socket is served at this API's own address. Default false: only COMMAND_CENTER_LIVE_URL says where it is. */
  readonly isLiveHere?: boolean;
  /** Where collectors may send to, for the snippet of the empty console. */
  readonly otlp?: { readonly grpc: string; readonly http: string } | undefined;
}

/** What the gate hands to the routes. */
export interface ApiEnv {
  /** What the runtime hands to a request. Hono hands on what it is given: undefined from runtimes that hand nothing. */
  Bindings: {
    /** Ends an answer that is under way without its end, and without a word. */
    readonly breakOff?: () => void;
  };
  Variables: {
    identity: Identity;
    /** The request's validated parameters, for the audit row. */
    filters: Readonly<Record<string, unknown>>;
    /** The answer is handed out while it is made, and nothing may hold it up until it is whole. */
    isStreamed?: boolean;
  };
}
