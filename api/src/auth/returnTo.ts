import { limits } from '../limits.ts';

/** Where a sign-in leads to that was begun nowhere in particular. */
export const startPath = '/command-center';

const anyOrigin = 'https://console.invalid';

/**
 * The path, query and fragment of ours that `text` stands for as browsers read it, or null for whatever leads elsewhere: `//evil.test`, `/\evil.test`,
 * `/.//evil.test`, `https:…`. One that is too long for the cookie that carries it becomes the start.
 */
export function ownPath(text: string): string | null {
  // Browsers read a backslash as a slash, and leave out tabs and line ends wherever they stand.
  const isPlain = text.startsWith('/') && !/[\\\p{Cc}]/u.test(text);
  if (!isPlain || !URL.canParse(text, anyOrigin)) return null;
  const { origin, pathname, search, hash } = new URL(text, anyOrigin);
  if (origin !== anyOrigin || pathname.startsWith('//') || pathname.startsWith('/auth/')) return null;
  const path = `${pathname}${search}${hash}`;
  return path.length <= limits.returnToCharacters ? path : startPath;
}
