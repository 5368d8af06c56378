import { FIRST_RESERVATION_BYTES } from '../limits.ts';
import type { Exporter } from './export.ts';

/**
 * What one request holds of the bytes in flight. It is given back before more is asked for, in the same turn of the event loop, so that a
 * request alone in flight is admitted at any size.
 */
export class Reservation {
  readonly #exporter: Exporter;
  #bytes = 0;

  constructor(exporter: Exporter) {
    this.#exporter = exporter;
  }

  /** Makes room for `bytes` in all, at least doubling, so that a body asks a few times and not at each of its chunks. False: nothing is held any more. */
  grow(bytes: number, limit: number): boolean {
    if (bytes <= this.#bytes) return true;
    const generous = Math.min(Math.max(bytes, 2 * this.#bytes, FIRST_RESERVATION_BYTES), limit);
    return this.settle(generous) || this.settle(bytes);
  }

  /** Holds exactly `bytes`, more or less than before. False: nothing is held any more. */
  settle(bytes: number): boolean {
    this.release();
    if (!this.#exporter.reserve(bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  /** May be called again. */
  release(): void {
    this.#exporter.release(this.#bytes);
    this.#bytes = 0;
  }
}
