import { GRPC_READ_TIMEOUT_MS, MAX_GRPC_READING, MAX_GRPC_WAITING } from '../limits.ts';

/** A place among the gRPC messages being received. */
export interface Turn {
  /** Gives the place to the next; may be called again, and before the turn came. */
  end(): void;
}

/**
 * Lets at most MAX_GRPC_READING messages be received at once, the others first come, first served. grpc-js buffers and inflates a message before
 * anyone sees its size, so the number of them is what can be bounded; the streams that wait are held back by HTTP/2's flow control.
 */
export class GrpcGate {
  readonly #waiting = new Set<() => void>();
  #reading = 0;

  /** `begin` is called when the turn comes, `expire` when it lasted too long. undefined: too many wait already. */
  enter(begin: () => void, expire: () => void): Turn | undefined {
    if (this.#waiting.size >= MAX_GRPC_WAITING) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const start = (): void => {
      this.#reading++;
      timer = setTimeout(expire, GRPC_READ_TIMEOUT_MS);
      begin();
    };
    const end = (): void => {
      if (this.#waiting.delete(start) || timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      this.#reading--;
      this.#startNext();
    };
    this.#waiting.add(start);
    this.#startNext();
    return { end };
  }

  #startNext(): void {
    for (const start of this.#waiting) {
      if (this.#reading >= MAX_GRPC_READING) return;
      this.#waiting.delete(start);
      start();
    }
  }
}
