import { httpOk } from '@command-center/contract/reasons';
import { cacheControlOf, isViewPath } from './consolePaths.ts';

/** The binding of Workers' static assets. */
export interface Assets {
  fetch(request: Request): Promise<Response>;
}

const notModified = 304;

/** The console behind a binding of static assets, as files.ts serves it from a folder. Answers null for what is none of its files. */
export function consoleAssets(assets: Assets): (request: Request) => Promise<Response | null> {
  return async (request) => {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD') return null;
    const url = new URL(request.url);
    // Every view is the one page, which the assets serve at the root.
    if (isViewPath(url.pathname)) url.pathname = '/';
    url.search = '';
    const match = headers.get('if-none-match');
    const found = await assets.fetch(
      new Request(url, { method, ...(match === null ? {} : { headers: { 'If-None-Match': match } }) }),
    );
    if (found.status !== httpOk && found.status !== notModified) return null;
    const answer = new Response(found.body, found);
    answer.headers.set('Cache-Control', cacheControlOf(url.pathname));
    return answer;
  };
}
