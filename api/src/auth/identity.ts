/** Who is asking. `subject` is what the audit log names; never an address. */
export interface Identity {
  readonly subject: string;
  /** Browsers send sessions by themselves, so only they need the Origin check. */
  readonly by: 'token' | 'session';
  /** Milliseconds since the epoch; null = at no time of its own (the admin token). */
  readonly endsAtMs: number | null;
}

/** What an authenticator makes of a request. `absent`: it carries nothing for this authenticator. `unavailable`: nobody can tell now. */
export type Recognition =
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'invalid'; readonly reason: string }
  | { readonly outcome: 'unavailable'; readonly reason: string }
  | { readonly outcome: 'forbidden'; readonly identity: Identity; readonly reason: string }
  | { readonly outcome: 'known'; readonly identity: Identity };

export type Authenticator = (request: Request) => Promise<Recognition>;

/** Of two answers the one that says more is given. */
const weight: Readonly<Record<Recognition['outcome'], number>> = {
  absent: 0,
  invalid: 1,
  unavailable: 2,
  forbidden: 3,
  known: 4,
};

/** Asks each authenticator in turn: the first that knows the caller wins, else the first of the weightiest refusal. */
export async function recognise(authenticators: readonly Authenticator[], request: Request): Promise<Recognition> {
  let best: Recognition = { outcome: 'absent' };
  for (const authenticate of authenticators) {
    const recognition = await authenticate(request);
    if (recognition.outcome === 'known') return recognition;
    if (weight[recognition.outcome] > weight[best.outcome]) best = recognition;
  }
  return best;
}
