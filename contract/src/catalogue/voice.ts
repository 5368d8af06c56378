import { counter, gauge, histogram, type MetricDefinition } from './definition.ts';

/** contract.md §4: voice sessions and their quality. */
export const voiceMetrics: readonly MetricDefinition[] = [
  histogram({
    name: 'kaiku_voice_session_duration_seconds',
    unit: 's',
    signal: 'latency',
    tab: 'voice',
    description: 'Duration of voice sessions; their count is the number of sessions ended.',
  }),
  gauge('sum', {
    name: 'kaiku_voice_sessions_active',
    unit: '{session}',
    signal: 'traffic',
    tab: 'voice',
    description: 'Voice sessions in progress.',
  }),
  counter({
    name: 'kaiku_voice_rtp_packets_forwarded_total',
    unit: '{packet}',
    signal: 'traffic',
    tab: 'voice',
    description: 'RTP packets forwarded.',
  }),
  counter({
    name: 'kaiku_voice_joins_total',
    unit: '{join}',
    signal: 'errors',
    tab: 'voice',
    labels: ['voice.session_outcome'],
    description: 'Joins of voice rooms tried, by outcome.',
  }),
  histogram({
    name: 'kaiku_voice_packet_loss_ratio',
    unit: '1',
    signal: 'voice',
    tab: 'voice',
    description: 'Share of voice packets lost, 0-1.',
  }),
  histogram({
    name: 'kaiku_voice_jitter_ms',
    unit: 'ms',
    signal: 'voice',
    tab: 'voice',
    description: 'Jitter of voice packets.',
  }),
  histogram({
    name: 'kaiku_voice_latency_ms',
    unit: 'ms',
    signal: 'voice',
    tab: 'voice',
    description: 'Latency of voice packets.',
  }),
  counter({
    name: 'kaiku_voice_quality_total',
    unit: '{report}',
    signal: 'voice',
    tab: 'voice',
    labels: ['quality'],
    description: 'Quality reports, by class.',
  }),
  gauge('sum', {
    name: 'kaiku_voice_rooms_active',
    unit: '{room}',
    signal: 'voice',
    tab: 'voice',
    description: 'Voice rooms in use.',
  }),
  histogram({
    name: 'kaiku_voice_room_participants',
    unit: '{participant}',
    signal: 'voice',
    tab: 'voice',
    description: 'Participants a voice room.',
  }),
  counter({
    name: 'kaiku_voice_session_crashes_total',
    unit: '{crash}',
    signal: 'voice',
    tab: 'voice',
    description: 'Voice sessions that crashed.',
  }),
];
