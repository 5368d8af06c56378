import { SeverityNumber } from '@opentelemetry/api';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { reportProcess } from './process.ts';
import { openSender } from './sender.ts';
import type { DemoService, Surroundings } from './service.ts';

const SESSIONS = 96;
const PACKETS_PER_SESSION = 50;
const REPORTS_PER_SECOND = 12;

const view = (instrumentName: string, boundaries?: number[]): ViewOptions => ({
  instrumentName,
  aggregation:
    boundaries === undefined
      ? { type: AggregationType.EXPONENTIAL_HISTOGRAM }
      : { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries } },
});

/** The voice server: sessions, rooms and joins, and how well its listeners hear. */
export function openVoice({ endpoint, tally, random }: Surroundings): DemoService {
  const sender = openSender({
    ...{ endpoint, tally, service: 'kaiku-voice', version: '2.8.0', instance: 'sfu-1', temporality: 'cumulative' },
    views: [
      view('kaiku_voice_packet_loss_ratio', [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]),
      view('kaiku_voice_jitter_ms'),
      view('kaiku_voice_latency_ms'),
      view('kaiku_voice_session_duration_seconds', [10, 30, 60, 300, 900, 1_800, 3_600, 7_200]),
      view('kaiku_voice_room_participants', [1, 2, 3, 5, 8, 13, 25]),
    ],
  });
  const { meter, logger } = sender;
  const loss = meter.createHistogram('kaiku_voice_packet_loss_ratio', { unit: '1' });
  const jitter = meter.createHistogram('kaiku_voice_jitter_ms', { unit: 'ms' });
  const latency = meter.createHistogram('kaiku_voice_latency_ms', { unit: 'ms' });
  const lasted = meter.createHistogram('kaiku_voice_session_duration_seconds', { unit: 's' });
  const participants = meter.createHistogram('kaiku_voice_room_participants', { unit: '{participant}' });
  const joins = meter.createCounter('kaiku_voice_joins_total', { unit: '{join}' });
  const quality = meter.createCounter('kaiku_voice_quality_total', { unit: '{report}' });
  const packets = meter.createCounter('kaiku_voice_rtp_packets_forwarded_total', { unit: '{packet}' });
  const crashes = meter.createCounter('kaiku_voice_session_crashes_total', { unit: '{crash}' });
  let sessions = SESSIONS;
  meter
    .createObservableUpDownCounter('kaiku_voice_sessions_active', { unit: '{session}' })
    .addCallback((result) => result.observe(sessions));
  meter
    .createObservableUpDownCounter('kaiku_voice_rooms_active', { unit: '{room}' })
    .addCallback((result) => result.observe(Math.ceil(sessions / 4)));
  const live = reportProcess(meter, random, 180e6);
  return {
    live: (moment) => {
      live(moment);
      const { seconds, crowd, intensity } = moment;
      sessions = Math.round(SESSIONS * crowd) + random.integer(-3, 3);
      packets.add(random.poisson(sessions * PACKETS_PER_SESSION * seconds));
      for (let report = random.poisson(REPORTS_PER_SECOND * seconds); report > 0; report -= 1) {
        const lost = Math.min(1, random.logNormal(0.003 * (1 + 2 * intensity), 0.9));
        const shake = random.logNormal(7 * (1 + intensity), 0.5);
        loss.record(lost);
        jitter.record(shake);
        latency.record(random.logNormal(46 * (1 + 0.6 * intensity), 0.35));
        quality.add(1, { quality: qualityOf(lost, shake) });
      }
      for (let ended = random.poisson(0.12 * crowd * seconds); ended > 0; ended -= 1) {
        lasted.record(random.logNormal(640, 1.1));
        participants.record(random.integer(1, 9));
      }
      joins.add(random.poisson(0.6 * crowd * seconds), { 'voice.session_outcome': 'connected' });
      const failed = random.poisson((0.008 + 0.15 * intensity) * seconds);
      if (failed > 0) {
        joins.add(failed, { 'voice.session_outcome': 'failed' });
        logger.emit({
          severityNumber: SeverityNumber.ERROR,
          severityText: 'ERROR',
          eventName: 'voice.join.failed',
          body: 'a voice session could not be set up: no answer from the API',
        });
      }
      if (random.chance(0.002 * seconds)) crashes.add(1);
    },
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}

function qualityOf(lossRatio: number, jitterMs: number): string {
  if (lossRatio > 0.05 || jitterMs > 50) return 'poor';
  if (lossRatio > 0.02 || jitterMs > 30) return 'fair';
  return lossRatio > 0.005 || jitterMs > 12 ? 'good' : 'excellent';
}
