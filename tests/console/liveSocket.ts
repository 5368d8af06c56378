import { noVoice } from '@command-center/contract/api/summary';
import type { LiveEvent } from '@command-center/contract/events';
import type { Page, WebSocketRoute } from 'playwright-core';
import type { Scenario } from '../../web/dev/scenario.ts';
import { summaryOf } from '../../web/dev/summary.ts';

/** The live socket of one page, which the test speaks for. */
export class MadeLive {
  /** Whether sockets are let in. */
  isOpen = true;
  readonly #sockets = new Set<WebSocketRoute>();
  readonly #nowMs: () => number;
  readonly #scenario: () => Scenario;
  #frames = 0;

  constructor(scenario: () => Scenario, nowMs: () => number) {
    this.#scenario = scenario;
    this.#nowMs = nowMs;
  }

  /** How many are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  async serve(page: Page, url: string): Promise<void> {
    await page.routeWebSocket(url, (socket) => this.#welcome(socket));
  }

  /** To every socket of the page. */
  push(type: LiveEvent['type'], data: unknown): void {
    this.#frames += 1;
    const frame = { id: `frame ${this.#frames}`, type, ts: new Date(this.#nowMs()).toISOString(), data };
    for (const socket of this.#sockets) socket.send(JSON.stringify(frame));
  }

  /** What comes every five seconds. */
  pushVitalSigns(): void {
    const signs = { latency_p95: 1, traffic_rate: 1, error_rate: 1, saturation_pct: 1 };
    this.push('admin.observability.vital_signs', {
      ...signs,
      summary: summaryOf(this.#scenario(), this.#nowMs()),
    });
  }

  pushError(event: string, message: string): void {
    const ts = new Date(this.#nowMs()).toISOString();
    const data = { ts, service: 'checkout', domain: 'db', event, message, trace_id: null, more: 0 };
    this.push('admin.observability.error_event', data);
  }

  /** Closes what is open; new ones are let in while `isOpen`. */
  async cut(): Promise<void> {
    for (const socket of this.#sockets) await socket.close({ code: 1001 });
    this.#sockets.clear();
  }

  #welcome(socket: WebSocketRoute): void {
    if (!this.isOpen) {
      void socket.close({ code: 1001 });
      return;
    }
    this.#sockets.add(socket);
    socket.onClose(() => this.#sockets.delete(socket));
    socket.onMessage(() => {
      const summary = summaryOf(this.#scenario(), this.#nowMs());
      this.push('admin.observability.snapshot', { summary, errors: [], voice: noVoice });
    });
  }
}
