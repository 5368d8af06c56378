import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { consolePolicy } from '@command-center/api/headers';
import type { LiveEvent } from '@command-center/contract/events';
import { liveBeatSeconds, livePath } from '@command-center/contract/live';
import { type WebSocket, WebSocketServer } from 'ws';
import { answer, base, config } from '../../web/dev/answers.ts';
import type { Scenario } from '../../web/dev/scenario.ts';
import { summaryOf } from '../../web/dev/summary.ts';

/** The built console over an API and a live socket that a test speaks for: each on a port of its own, as in life. */

const WEB_ROOT = new URL('../../web/dist/', import.meta.url);
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export class LiveServer {
  /** What the API answers. */
  scenario: Scenario = 'ok';
  /** Whether `/config` names a live URL. */
  isConfigured = true;
  /** Whether a ticket is given; without, nobody is signed in. */
  givesTickets = true;
  /** Whether sockets are let in. */
  isOpen = true;
  /** Whether vital signs come every five seconds, without which a browser gives a socket up. */
  hasBeats = true;
  /** Paths below the API's base that were asked for. */
  readonly asked: string[] = [];
  /** What browsers said. */
  readonly said: unknown[] = [];
  readonly #http = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  readonly #live = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true });
  #frames = 0;
  /** What vital signs were last of; undefined = what the API answers. */
  #pushed: Scenario | undefined;
  #beats: NodeJS.Timeout | undefined;

  async start(): Promise<this> {
    this.#live.on('upgrade', (request, socket, head) => {
      if (!this.isOpen || request.url !== livePath) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client));
    });
    for (const server of [this.#http, this.#live]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    this.#beats = setInterval(() => {
      if (this.hasBeats) this.pushVitalSigns(this.#pushed ?? this.scenario);
    }, liveBeatSeconds * 1_000);
    return this;
  }

  get address(): string {
    return `http://127.0.0.1:${portOf(this.#http.address())}`;
  }

  get clients(): number {
    return this.#sockets.clients.size;
  }

  /** How often a path was asked for. */
  count(path: string): number {
    return this.asked.filter((one) => one === path).length;
  }

  /** To every browser; an `id` of its own where none is given. */
  push(type: LiveEvent['type'], data: unknown, id?: string): void {
    this.#frames += 1;
    const frame = JSON.stringify({ id: id ?? `frame ${this.#frames}`, type, ts: new Date().toISOString(), data });
    for (const client of this.#sockets.clients) client.send(frame);
  }

  pushVitalSigns(scenario: Scenario): void {
    this.#pushed = scenario;
    const signs = { latency_p95: 1, traffic_rate: 1, error_rate: 1, saturation_pct: 1 };
    this.push('admin.observability.vital_signs', { ...signs, summary: summaryOf(scenario, Date.now()) });
  }

  pushError(event: string, message: string, more = 0, id?: string): void {
    const ts = new Date().toISOString();
    const data = { ts, service: 'checkout', domain: 'db', event, message, trace_id: null, more };
    this.push('admin.observability.error_event', data, id);
  }

  /** Without a word, as where the network goes. */
  cut(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }

  close(code: number): void {
    for (const client of this.#sockets.clients) client.close(code);
  }

  async stop(): Promise<void> {
    clearInterval(this.#beats);
    this.cut();
    for (const server of [this.#http, this.#live]) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  #welcome(client: WebSocket): void {
    client.on('message', (bytes) => {
      this.said.push(JSON.parse(String(bytes)));
      const data = { summary: summaryOf(this.scenario, Date.now()), errors: [], voice: noVoice };
      this.push('admin.observability.snapshot', data);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.address);
    if (!url.pathname.startsWith(base)) return this.#serveFile(url.pathname, response);
    const path = url.pathname.slice(base.length);
    this.asked.push(path);
    const { status, body } = this.#answer(request.method ?? '', path, url.searchParams);
    response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' });
    response.end(JSON.stringify(body));
  }

  #answer(method: string, path: string, query: URLSearchParams): { status: number; body: unknown } {
    const liveUrl = this.isConfigured ? this.#liveUrl : null;
    if (path === '/config') return { status: 200, body: { ...config, live_url: liveUrl } };
    if (path !== '/live/ticket') return answer(path, query, this.givesTickets ? this.scenario : 'signed-out');
    if (!this.givesTickets || method !== 'POST') return answer(path, query, 'signed-out');
    return { status: 200, body: { ticket: 'a-ticket', expires_at: new Date(Date.now() + 30_000).toISOString() } };
  }

  async #serveFile(pathname: string, response: ServerResponse): Promise<void> {
    const name = extname(pathname) === '' ? 'index.html' : pathname.slice(1);
    const content = await readFile(fileURLToPath(new URL(name, WEB_ROOT)));
    const type = MEDIA_TYPES[extname(name)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': consolePolicy(this.#liveUrl) });
    response.end(content);
  }

  get #liveUrl(): string {
    return `ws://127.0.0.1:${portOf(this.#live.address())}${livePath}`;
  }
}

const noVoice = { active_sessions: null, active_rooms: null, join_success_rate_1h: null };

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}
