/** Vite puts a digest of the content into the names below this folder, so they never change. */
const hashedFolder = '/assets/';
const forever = 'public, max-age=31536000, immutable';

/** Paths of the console's one page. */
export function isViewPath(path: string): boolean {
  return path === '/' || path === '/command-center' || path.startsWith('/command-center/');
}

export function cacheControlOf(path: string): string {
  return path.startsWith(hashedFolder) ? forever : 'no-cache';
}
