/** The voice health score of contract.md §4: 0-100 over the last 24 h. */

/** Hours it looks back. */
export const voiceHealthHours = 24;

const voiceHealthParts = ['join_success', 'packet_loss', 'jitter', 'crashes'] as const;
export type VoiceHealthPart = (typeof voiceHealthParts)[number];

/** Points a part gives at most, where all parts have data. */
const voiceHealthWeights: Readonly<Record<VoiceHealthPart, number>> = {
  join_success: 40,
  packet_loss: 30,
  jitter: 20,
  crashes: 10,
};

/** p95 of packet loss (0-1) and jitter (ms) from which on they give no points. */
const WORST = { packetLoss: 0.05, jitterMs: 50 } as const;

/** What the parts are made of; null = no data. */
export interface VoiceHealthMeasures {
  /** Joins succeeded over joins. */
  readonly joinSuccess: number | null;
  /** p95, 0-1. */
  readonly packetLoss: number | null;
  /** p95, milliseconds. */
  readonly jitterMs: number | null;
  /** Crashes over sessions ended. */
  readonly crashes: number | null;
}

export interface VoiceHealth {
  /** Null where no part has data. */
  readonly score: number | null;
  readonly parts: Readonly<Record<VoiceHealthPart, { readonly weight: number; readonly points: number } | null>>;
}

/** The score and the parts it is made of. A part without data is null, and the weights of the others are rescaled to 100. */
export function voiceHealthOf(measures: VoiceHealthMeasures): VoiceHealth {
  const { joinSuccess, packetLoss, jitterMs, crashes } = measures;
  const shares: Readonly<Record<VoiceHealthPart, number | null>> = {
    join_success: joinSuccess,
    packet_loss: packetLoss === null ? null : 1 - packetLoss / WORST.packetLoss,
    jitter: jitterMs === null ? null : 1 - jitterMs / WORST.jitterMs,
    crashes: crashes === null ? null : 1 - crashes,
  };
  const known = voiceHealthParts.filter((part) => shares[part] !== null);
  const total = known.reduce((sum, part) => sum + voiceHealthWeights[part], 0);
  const partOf = (part: VoiceHealthPart) => {
    const share = shares[part];
    if (share === null) return null;
    const weight = (100 * voiceHealthWeights[part]) / total;
    return { weight, points: weight * Math.min(1, Math.max(0, share)) };
  };
  const parts = {
    join_success: partOf('join_success'),
    packet_loss: partOf('packet_loss'),
    jitter: partOf('jitter'),
    crashes: partOf('crashes'),
  };
  const score = known.reduce((sum, part) => sum + (parts[part]?.points ?? 0), 0);
  return { score: known.length === 0 ? null : score, parts };
}
