export interface StreamBounds {
  /** Milliseconds until what was handed out must be taken. */
  readonly stallMs: number;
  /** Milliseconds for the whole. */
  readonly wholeMs: number;
}

/** How a stream ended: all of it was taken, its reader left or let it lie, or its source failed. */
export type StreamEnd =
  | { readonly outcome: 'whole' | 'left' | 'stalled' }
  | { readonly outcome: 'failed'; readonly error: unknown };

/**
 * A body whose parts are made when they are asked for, one at a time, so that nothing piles up before a slow client. A source that fails, and a client that
 * stalls, break it: the status is out, and without its end the client knows the file for broken. `onEnd` is called once, whatever happens.
 * `breakOff`: how a runtime that prints errors of streams ends an answer without one; it then cancels the stream.
 */
export function streamOf(
  parts: AsyncGenerator<Uint8Array, void>,
  bounds: StreamBounds,
  onEnd: (end: StreamEnd) => void,
  breakOff?: () => void,
): ReadableStream<Uint8Array> {
  const endAt = Date.now() + bounds.wholeMs;
  const next = keepingContext(() => parts.next());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasEnded = false;
  const end = (how: StreamEnd): void => {
    clearTimeout(timer);
    if (hasEnded) return;
    hasEnded = true;
    onEnd(how);
    // A part that is being made is let go of by whoever `onEnd` tells; this ends what comes after it.
    if (how.outcome !== 'whole') parts.return().catch(() => undefined);
  };
  const fail = (controller: ReadableStreamDefaultController<Uint8Array>, why: string): void => {
    if (breakOff === undefined) controller.error(broken(why));
    else breakOff();
  };
  const wait = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const untilMs = Math.max(0, Math.min(bounds.stallMs, endAt - Date.now()));
    timer = setTimeout(() => {
      end({ outcome: 'stalled' });
      fail(controller, 'the client took too long');
    }, untilMs);
  };
  return new ReadableStream<Uint8Array>(
    {
      start: wait,
      async pull(controller) {
        clearTimeout(timer);
        try {
          const { done, value } = await next();
          if (hasEnded) return;
          if (done === true) {
            end({ outcome: 'whole' });
            controller.close();
          } else {
            controller.enqueue(value);
            wait(controller);
          }
        } catch (error) {
          end({ outcome: 'failed', error });
          fail(controller, 'its source failed');
        }
      },
      cancel: () => end({ outcome: 'left' }),
    },
    // Nothing is made ahead.
    { highWaterMark: 0 },
  );
}

/**
 * The same, but called from an async function that began here: a runtime may ask a stream for its parts outside of the request it belongs to (Workers),
 * and what is read for them needs the request's connections. One call at a time.
 */
function keepingContext<T>(make: () => Promise<T>): () => Promise<T> {
  let asked = Promise.withResolvers<PromiseWithResolvers<T>>();
  const serve = async (): Promise<never> => {
    for (;;) {
      const { resolve, reject } = await asked.promise;
      asked = Promise.withResolvers();
      await make().then(resolve, reject);
    }
  };
  void serve();
  return () => {
    const answer = Promise.withResolvers<T>();
    asked.resolve(answer);
    return answer.promise;
  };
}

/** What a server's log may show of it: errors of Postgres may hold values. */
function broken(why: string): Error {
  return new Error(`an export was broken off: ${why}`);
}
