import { fromBase64url, toBase64url } from '../base64.ts';

const nonceBytes = 12;

/** Seals what a browser keeps for us (AES-256-GCM): it can neither read nor change it. */
export interface Seal {
  /** base64url of the sealed JSON. */
  close(content: unknown): Promise<string>;
  /** What was sealed, or null for anything that this secret did not seal for this purpose. */
  open(text: string): Promise<unknown>;
}

/** `secret` is COMMAND_CENTER_SESSION_SECRET. `purpose` separates keys: what is sealed for one is refused by every other. */
export function createSeal(secret: string, purpose: string): Seal {
  const derived = sealingKey(secret, purpose);
  return {
    async close(content) {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const plain = new TextEncoder().encode(JSON.stringify(content));
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, await derived, plain);
      const whole = new Uint8Array(nonceBytes + sealed.byteLength);
      whole.set(nonce);
      whole.set(new Uint8Array(sealed), nonceBytes);
      return toBase64url(whole);
    },
    async open(text) {
      const whole = fromBase64url(text);
      if (whole === null || whole.length <= nonceBytes) return null;
      try {
        const algorithm = { name: 'AES-GCM', iv: whole.subarray(0, nonceBytes) };
        const plain = await crypto.subtle.decrypt(algorithm, await derived, whole.subarray(nonceBytes));
        return JSON.parse(new TextDecoder().decode(plain));
      } catch {
        return null;
      }
    },
  };
}

type SealingKey = Awaited<ReturnType<typeof crypto.subtle.deriveKey>>;

async function sealingKey(secret: string, purpose: string): Promise<SealingKey> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, ['deriveKey']);
  const info = new TextEncoder().encode(purpose);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info };
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
