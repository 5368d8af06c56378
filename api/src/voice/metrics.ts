/** The metrics of contract.md §4 that tell how voice is doing. */
export const voiceMetrics = {
  sessions: 'kaiku_voice_sessions_active',
  rooms: 'kaiku_voice_rooms_active',
  joins: 'kaiku_voice_joins_total',
  packetLoss: 'kaiku_voice_packet_loss_ratio',
  jitter: 'kaiku_voice_jitter_ms',
  latency: 'kaiku_voice_latency_ms',
  duration: 'kaiku_voice_session_duration_seconds',
  participants: 'kaiku_voice_room_participants',
  crashes: 'kaiku_voice_session_crashes_total',
  quality: 'kaiku_voice_quality_total',
  rtp: 'kaiku_voice_rtp_packets_forwarded_total',
} as const;

/** The outcome of a join that succeeded. */
export const joined = 'connected';
export const outcomeLabel = 'voice.session_outcome';
