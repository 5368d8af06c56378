import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { httpOk, reasons } from '@command-center/contract/reasons';
import { pageOf } from '../pages/page.ts';
import { cacheControlOf, isViewPath } from './consolePaths.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

const notModified = 304;

/** The console of the folder `webRoot`: its files, and the same page for every path of the console. Answers null for all others. */
export function consoleFiles(webRoot: string): (request: Request) => Promise<Response | null> {
  return async (request) => {
    const path = pathOf(request);
    if (path === null) return null;
    const isView = isViewPath(path);
    const found = await load(request, join(webRoot, isView ? 'index.html' : path), path);
    return found ?? (isView ? notBuilt() : null);
  };
}

/** The decoded path, or null where it is none that a file can have. */
function pathOf(request: Request): string | null {
  try {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const isPlain = normalize(path) === path && !path.includes('\0') && !path.includes('\\') && !path.includes('/.');
    return isPlain ? path : null;
  } catch {
    return null;
  }
}

async function load(request: Request, file: string, path: string): Promise<Response | null> {
  const facts = await stat(file).catch(() => null);
  if (facts === null || !facts.isFile()) return null;
  const headers = {
    'Content-Type': mediaTypes[extname(file)] ?? 'application/octet-stream',
    'Cache-Control': cacheControlOf(path),
    ETag: `W/"${facts.size.toString(36)}-${Math.round(facts.mtimeMs).toString(36)}"`,
  };
  if (request.headers.get('if-none-match') === headers.ETag)
    return new Response(null, { status: notModified, headers });
  return new Response(await readFile(file), { status: httpOk, headers });
}

async function notBuilt(): Promise<Response> {
  const { html, policy } = await pageOf(
    'Command Center',
    `<h1>The console is not built</h1>
<p>The API runs, but the console's files are missing. Run <code>npm run build</code> and reload this page.</p>
<p class="quiet">The API's reference: <a href="/docs">/docs</a></p>`,
  );
  const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy };
  return new Response(html, { status: reasons.starting.httpStatus, headers });
}
