import { SeverityNumber } from '@opentelemetry/api';
import { normalCdf } from './logNormal.ts';
import { type Conditions, type Counted, type Counter, level, type Measured, type Service } from './platform.ts';
import { processLevels } from './process.ts';

const SESSIONS = 96;
const PACKETS_PER_SESSION = 50;
const REPORTS_PER_SECOND = 12;

const joins: Counter = { name: 'kaiku_voice_joins_total', unit: '{join}' };
const quality: Counter = { name: 'kaiku_voice_quality_total', unit: '{report}' };
const packets: Counter = { name: 'kaiku_voice_rtp_packets_forwarded_total', unit: '{packet}' };
const crashes: Counter = { name: 'kaiku_voice_session_crashes_total', unit: '{crash}' };

const loss: Measured = {
  histogram: {
    name: 'kaiku_voice_packet_loss_ratio',
    unit: '1',
    bounds: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2],
  },
  attributes: {},
  rate: () => REPORTS_PER_SECOND,
  median: ({ intensity }) => 0.003 * (1 + 2 * intensity),
  spread: 0.9,
};
const jitter: Measured = {
  histogram: { name: 'kaiku_voice_jitter_ms', unit: 'ms', bounds: undefined },
  attributes: {},
  rate: () => REPORTS_PER_SECOND,
  median: ({ intensity }) => 7 * (1 + intensity),
  spread: 0.5,
};
const latency: Measured = {
  histogram: { name: 'kaiku_voice_latency_ms', unit: 'ms', bounds: undefined },
  attributes: {},
  rate: () => REPORTS_PER_SECOND,
  median: ({ intensity }) => 46 * (1 + 0.6 * intensity),
  spread: 0.35,
};
const lasted: Measured = {
  histogram: {
    name: 'kaiku_voice_session_duration_seconds',
    unit: 's',
    bounds: [10, 30, 60, 300, 900, 1_800, 3_600, 7_200],
  },
  attributes: {},
  rate: ({ crowd }) => 0.12 * crowd,
  median: () => 640,
  spread: 1.1,
};
const participants: Measured = {
  histogram: { name: 'kaiku_voice_room_participants', unit: '{participant}', bounds: [1, 2, 3, 5, 8, 13, 25] },
  attributes: {},
  rate: ({ crowd }) => 0.12 * crowd,
  median: () => 4.4,
  spread: 0.5,
};

/** How well a listener hears, best first: where neither loss (a ratio) nor jitter (ms) exceeds these. */
const classes = [
  { name: 'excellent', lossAtMost: 0.005, jitterAtMost: 12 },
  { name: 'good', lossAtMost: 0.02, jitterAtMost: 30 },
  { name: 'fair', lossAtMost: 0.05, jitterAtMost: 50 },
  { name: 'poor', lossAtMost: Number.POSITIVE_INFINITY, jitterAtMost: Number.POSITIVE_INFINITY },
] as const;

/** The part of the values that is not above `most`. */
function partUpTo(most: number, { median, spread }: Measured, conditions: Conditions): number {
  return normalCdf(Math.log(most / median(conditions)) / spread);
}

/** The part of the reports that is in this class or a better one. */
function partInClass(index: number, conditions: Conditions): number {
  const limits = classes[index];
  if (limits === undefined) return 0;
  return partUpTo(limits.lossAtMost, loss, conditions) * partUpTo(limits.jitterAtMost, jitter, conditions);
}

const reports: readonly Counted[] = classes.map(({ name }, index) => ({
  counter: quality,
  attributes: { quality: name },
  rate: (conditions) => REPORTS_PER_SECOND * (partInClass(index, conditions) - partInClass(index - 1, conditions)),
}));

const failedJoins = ({ intensity }: Conditions): number => 0.008 + 0.15 * intensity;

/** The voice server: sessions, rooms and joins, and how well its listeners hear. */
export const voice: Service = {
  ...{ name: 'kaiku-voice', version: '2.8.0', instance: 'sfu-1', temporality: 'cumulative' },
  measured: [loss, jitter, latency, lasted, participants],
  counted: [
    { counter: packets, attributes: {}, rate: ({ crowd }) => SESSIONS * crowd * PACKETS_PER_SESSION },
    { counter: joins, attributes: { 'voice.session_outcome': 'connected' }, rate: ({ crowd }) => 0.6 * crowd },
    { counter: joins, attributes: { 'voice.session_outcome': 'failed' }, rate: failedJoins },
    ...reports,
    { counter: crashes, attributes: {}, rate: () => 0.002 },
  ],
  levels: [
    level(
      'upDownCounter',
      'kaiku_voice_sessions_active',
      '{session}',
      ({ crowd }, random) => Math.round(SESSIONS * crowd) + random.integer(-3, 3),
    ),
    level('upDownCounter', 'kaiku_voice_rooms_active', '{room}', ({ crowd }) => Math.ceil((SESSIONS * crowd) / 4)),
    ...processLevels(180e6),
  ],
  said: [
    {
      severity: SeverityNumber.ERROR,
      event: 'voice.join.failed',
      body: 'a voice session could not be set up: no answer from the API',
      attributes: {},
      rate: failedJoins,
    },
  ],
};
