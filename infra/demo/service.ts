import type { Random } from './random.ts';
import type { SenderOptions } from './sender.ts';

/** One moment of the story, as every service sees it. */
export interface Moment {
  /** Seconds of the story since the last moment. */
  readonly seconds: number;
  /** 0 = calm, 1 = the worst of an incident. */
  readonly intensity: number;
  /** The part of the crowd that is there, around 1. */
  readonly crowd: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** A process of the observed platform. */
export interface DemoService {
  /** Lives through a moment: records what happened in it. */
  live(moment: Moment): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What a service needs to be opened. */
export interface Surroundings extends Pick<SenderOptions, 'endpoint' | 'tally'> {
  readonly random: Random;
}
