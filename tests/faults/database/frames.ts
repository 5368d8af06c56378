/** A message of Postgres' protocol; `type` is '' for the one that opens a connection. */
export interface Frame {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a byte stream into messages. Source: PostgreSQL manual, "Message Formats". */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);
  #isOpening: boolean;

  /** A client's first message has no type. */
  constructor(side: 'client' | 'server') {
    this.#isOpening = side === 'client';
  }

  push(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const lengthAt = this.#isOpening ? 0 : 1;
      if (this.#rest.length < lengthAt + 4) return frames;
      const end = lengthAt + this.#rest.readInt32BE(lengthAt);
      if (this.#rest.length < end) return frames;
      const bytes = this.#rest.subarray(0, end);
      frames.push({ type: this.#isOpening ? '' : String.fromCharCode(bytes[0] ?? 0), bytes });
      this.#isOpening = false;
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** Which statement a connection executes: prepared ones are sent by name. */
export class Statements {
  readonly #prepared = new Map<string, string>();
  #bound = '';

  /** The SQL that this message has executed; undefined = it executes none. */
  executedBy({ type, bytes }: Frame): string | undefined {
    switch (type) {
      case 'Q':
        return textAt(bytes, 5).text;
      case 'P': {
        const name = textAt(bytes, 5);
        this.#prepared.set(name.text, textAt(bytes, name.end).text);
        return undefined;
      }
      case 'B':
        this.#bound = this.#prepared.get(textAt(bytes, textAt(bytes, 5).end).text) ?? '';
        return undefined;
      case 'E':
        return this.#bound;
      default:
        return undefined;
    }
  }
}

function textAt(bytes: Buffer, start: number): { readonly text: string; readonly end: number } {
  const zero = bytes.indexOf(0, start);
  return { text: bytes.toString('utf8', start, zero), end: zero + 1 };
}
