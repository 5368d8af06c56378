import type { Distribution, VoiceQuality, VoiceSummary } from '@command-center/contract/api/voice';
import { defaultContract } from '@command-center/contract/contract';
import { colourOf, type ThresholdName, thresholds } from '@command-center/contract/thresholds';
import { type VoiceHealthPart, voiceHealthOf } from '@command-center/contract/voiceHealth';
import { isEmpty, minuteMs, type Scenario, seeded } from './scenario.ts';
import { seriesOf, trendsOf } from './trends.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const isBad = (scenario: Scenario): boolean => scenario === 'degraded' || scenario === 'down';

export function voiceSummaryOf(scenario: Scenario, nowMs: number): VoiceSummary {
  const day = joins(scenario, 24);
  const hasNone = isEmpty(scenario);
  const loss = hasNone ? null : isBad(scenario) ? 3.1 : 0.9;
  const jitter = hasNone ? null : isBad(scenario) ? 61 : 14;
  const ended = hasNone || scenario === 'few' ? 0 : 4_204;
  const crashes = ended === 0 ? null : 12 / ended;
  const { score, parts } = voiceHealthOf({
    joinSuccess: day.value === null ? null : day.value / 100,
    packetLoss: loss === null ? null : loss / 100,
    jitterMs: jitter,
    crashes,
  });
  const counted = (id: VoiceHealthPart) => ({
    id,
    weight: parts[id]?.weight ?? null,
    points: parts[id]?.points ?? null,
  });
  const exact = (value: number | null) => ({
    lo: value === null ? null : value * 0.99,
    hi: value === null ? null : value * 1.01,
    quality: value === null ? null : ('exact' as const),
  });
  const none = { lo: null, hi: null, quality: null };
  return {
    now: iso(nowMs),
    sessions: levelOf(scenario, 52, nowMs, 1),
    rooms: levelOf(scenario, 9, nowMs, 2),
    join_success_24h: day,
    join_success_1h: joins(scenario, 1),
    health: {
      score,
      from: iso(Math.floor(nowMs / 3_600_000 - 23) * 3_600_000),
      to: iso(nowMs),
      parts: [
        { ...counted('join_success'), ...none, value: day.value, unit: '%', n: day.n, colour: day.colour },
        {
          ...counted('packet_loss'),
          ...exact(loss),
          value: loss,
          unit: '%',
          n: loss === null ? 0 : 51_204,
          colour: colourOf(thresholds.VOICE_PACKET_LOSS_P95, loss),
        },
        {
          ...counted('jitter'),
          ...exact(jitter),
          value: jitter,
          unit: 'ms',
          n: jitter === null ? 0 : 51_204,
          colour: colourOf(thresholds.VOICE_JITTER_P95, jitter),
        },
        {
          ...counted('crashes'),
          ...none,
          value: crashes === null ? null : 100 * crashes,
          unit: '%',
          n: ended,
          colour: null,
        },
      ],
    },
  };
}

function joins(scenario: Scenario, hours: number): VoiceSummary['join_success_24h'] {
  const n = isEmpty(scenario) ? 0 : scenario === 'few' ? 7 : 210 * hours;
  const numerator = Math.floor(n * (isBad(scenario) ? (hours === 1 ? 0.781 : 0.934) : 0.992));
  const value = n === 0 ? null : (100 * numerator) / n;
  const name: ThresholdName = 'VOICE_JOIN_SUCCESS';
  const { warn, crit } = thresholds[name];
  return { value, unit: '%', n, numerator, colour: colourOf(thresholds[name], value, n), thresholds: { warn, crit } };
}

function levelOf(scenario: Scenario, level: number, nowMs: number, seed: number): VoiceSummary['sessions'] {
  const random = seeded(seed);
  const first = Math.floor(nowMs / minuteMs - 60) * minuteMs;
  const isSilent = isEmpty(scenario) || scenario === 'stale';
  const points = Array.from({ length: 60 }, (_, minute) => ({
    ts: iso(first + minute * minuteMs),
    value:
      isEmpty(scenario) || (minute > 20 && minute < 24) || (isSilent && minute > 54)
        ? null
        : Math.round(level * (0.8 + 0.3 * random())),
  }));
  return {
    value: isSilent ? null : (points.at(-1)?.value ?? null),
    age_s: isEmpty(scenario) ? null : scenario === 'stale' ? 310 : 70,
    sparkline: points,
  };
}

export function voiceQualityOf(scenario: Scenario, query: URLSearchParams, nowMs: number): VoiceQuality {
  const trend = (metric: string) => seriesOf(scenario, metric, query, nowMs);
  const { from, to } = trendsOf(scenario, new URLSearchParams([...query, ['metric', 'none']]), nowMs);
  const windows = trend('kaiku_voice_joins_total').points;
  const random = seeded(7);
  const isNow = (ts: string): boolean => isBad(scenario) && nowMs - Date.parse(ts) < 23 * minuteMs;
  const points = windows.map(({ ts }) => {
    const reports = Math.round((scenario === 'few' ? 3 : 40) * (0.8 + 0.4 * random()));
    const [poor, fair] = isNow(ts) ? [0.24, 0.31] : [0.02, 0.08];
    const counts = { poor: Math.round(reports * poor * 2 * random()), fair: Math.round(reports * fair), good: 0 };
    counts.good = Math.round(reports * 0.3);
    return { ts, ...counts, excellent: Math.max(0, reports - counts.poor - counts.fair - counts.good) };
  });
  const added = (name: 'poor' | 'fair' | 'good' | 'excellent') => points.reduce((sum, point) => sum + point[name], 0);
  return {
    from,
    to,
    resolution: trend('kaiku_voice_jitter_ms').resolution === '1h' ? '1h' : '1m',
    packet_loss: trend('kaiku_voice_packet_loss_ratio'),
    jitter: trend('kaiku_voice_jitter_ms'),
    latency: trend('kaiku_voice_latency_ms'),
    rtp: trend('kaiku_voice_rtp_packets_forwarded_total'),
    join_success: windows.map(({ ts }) => {
      const n = Math.round((scenario === 'few' ? 1 : 8) * random());
      const numerator = Math.round(n * (isNow(ts) ? 0.78 : random() > 0.9 ? 0.9 : 1));
      return { ts, value: n === 0 ? null : (100 * numerator) / n, n, numerator };
    }),
    quality: {
      totals: { poor: added('poor'), fair: added('fair'), good: added('good'), excellent: added('excellent') },
      points,
    },
    session_duration: distributionOf(scenario, 'kaiku_voice_session_duration_seconds'),
    participants: distributionOf(scenario, 'kaiku_voice_room_participants'),
  };
}

function distributionOf(scenario: Scenario, metric: string): Distribution {
  const isDuration = metric.endsWith('seconds');
  const edges = isDuration ? [0, 30, 60, 300, 600, 1_200, 1_800, 3_600, 7_200] : [0, 1, 2, 3, 4, 6, 8, 12, 16, 25];
  const counts = isDuration
    ? [212, 180, 402, 611, 930, 744, 702, 301, 122]
    : [1_204, 8_120, 6_310, 4_020, 2_810, 1_402, 611, 202, 40, 4];
  const whole = isEmpty(scenario) ? 0 : scenario === 'few' ? 0.01 : 1;
  const bins = edges.map((lower, at) => ({
    lower,
    upper: edges[at + 1] ?? null,
    count: Math.round((counts[at] ?? 0) * whole),
  }));
  return {
    unit: defaultContract.catalogue.entryOf(metric)?.unit ?? '',
    count: bins.reduce((sum, { count }) => sum + count, 0),
    bins: whole === 0 ? [] : bins,
    estimated: !isDuration,
  };
}
