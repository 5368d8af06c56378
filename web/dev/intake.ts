import type { Intake } from '@command-center/contract/api/intake';
import { type ReasonCode, reasons } from '@command-center/contract/reasons';
import { type Scenario, seeded } from './scenario.ts';

const services = ['checkout', 'gateway', 'orders'];
const metrics = [
  'http.server.request.duration',
  'db.client.operation.duration',
  'kaiku_http_requests_total',
  'process.memory.usage',
];

export function intakeOf(scenario: Scenario, nowMs: number): Intake {
  const ago = (seconds: number): string => new Date(nowMs - seconds * 1_000).toISOString();
  const frame = { from: ago(86_400), to: ago(0), sources: [], truncated: false };
  if (scenario === 'empty' || scenario === 'collecting') {
    return { ...frame, by_service: [], reasons: [], unknown_metrics: [] };
  }
  const unknown = { name: 'jvm.gc.duration', service: 'orders', count: 12_400, last: ago(9) };
  if (scenario === 'not-shown') {
    const row = { signal: 'metrics', service: 'orders', name: '', last: ago(9), received: 12_400 } as const;
    return {
      ...frame,
      by_service: [{ ...row, stored: 0, dropped: 12_400, refused: 0 }],
      reasons: [reasonOf('not_in_contract', 'metrics', 'orders', unknown.name, 12_400, ago(9))],
      unknown_metrics: [unknown],
    };
  }
  const random = seeded(11);
  const rowsOf = (signal: 'metrics' | 'logs' | 'traces', name: string): Intake['by_service'] =>
    services.map((service) => {
      const received = Math.round(random() * 200_000);
      const dropped = signal === 'metrics' ? 0 : Math.round(received * 0.8);
      return {
        signal,
        service,
        name,
        last: ago(Math.round(random() * 40)),
        received,
        stored: received - dropped,
        dropped,
        refused: 0,
      };
    });
  return {
    ...frame,
    by_service: [...metrics.flatMap((name) => rowsOf('metrics', name)), ...rowsOf('logs', ''), ...rowsOf('traces', '')],
    reasons: [
      reasonOf('not_in_contract', 'metrics', 'orders', 'jvm.gc.duration', 12_400, ago(9)),
      reasonOf('not_in_contract', 'metrics', 'orders', 'jvm.thread.count', 4_133, ago(9)),
      {
        ...reasonOf('not_in_contract', 'logs', 'gateway', '', 82, ago(30)),
        outcome: 'masked',
        reason: 'email_address',
        text: 'Text that looks like email address was masked before it was stored.',
      },
      { ...reasonOf('too_large', 'logs', 'checkout', '', 3, ago(900)), outcome: 'refused' },
    ],
    unknown_metrics: [unknown, { name: 'jvm.thread.count', service: 'orders', count: 4_133, last: ago(9) }],
    sources: [
      {
        holder: 'orders',
        metric_name: 'kaiku_http_requests_total',
        source: 'http.server.request.duration',
        from: null,
      },
    ],
  };
}

function reasonOf(
  code: ReasonCode,
  signal: 'metrics' | 'logs',
  service: string,
  name: string,
  count: number,
  last: string,
): Intake['reasons'][number] {
  const { title, text } = reasons[code];
  return { signal, service, outcome: 'dropped', reason: code, text: `${title}. ${text}`, name, count, last };
}
