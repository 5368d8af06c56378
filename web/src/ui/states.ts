import type { Colour, ServiceStatus } from '@command-center/contract/api/primitives';

/** A state is a shape, a colour and a word, never one of them alone (console.md). */
export interface StateLook {
  readonly mark: string;
  /** Of the tokens `--healthy`, `--degraded`, `--down`, `--unknown`. */
  readonly tone: 'healthy' | 'degraded' | 'down' | 'unknown';
  readonly word: string;
}

export const serviceLooks: Readonly<Record<ServiceStatus, StateLook>> = {
  healthy: { mark: '●', tone: 'healthy', word: 'healthy' },
  degraded: { mark: '▲', tone: 'degraded', word: 'degraded' },
  down: { mark: '■', tone: 'down', word: 'down' },
  unconfigured: { mark: '○', tone: 'unknown', word: 'unconfigured' },
  unknown: { mark: '?', tone: 'unknown', word: 'unknown' },
};

export type VerdictStatus = 'ok' | 'unknown' | 'degraded' | 'down';

export const verdictLooks: Readonly<Record<VerdictStatus, StateLook>> = {
  ok: { mark: '●', tone: 'healthy', word: 'OK' },
  unknown: { mark: '?', tone: 'unknown', word: 'Unknown' },
  degraded: { mark: '▲', tone: 'degraded', word: 'Degraded' },
  down: { mark: '■', tone: 'down', word: 'Down' },
};

/** The look of a vital sign; null where it takes no colour. */
export function signLook(colour: Colour): StateLook | null {
  switch (colour) {
    case 'green':
      return { mark: '●', tone: 'healthy', word: 'green' };
    case 'yellow':
      return { mark: '▲', tone: 'degraded', word: 'yellow' };
    case 'red':
      return { mark: '■', tone: 'down', word: 'red' };
    default:
      return null;
  }
}
