import { toBase64 } from '../base64.ts';

/** A page that brings its own style and script along; nothing is fetched from anywhere. */
export interface Page {
  readonly html: string;
  /** Content-Security-Policy that allows exactly this page's style and script. */
  readonly policy: string;
}

/** Text made safe for HTML content and attributes. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** `body` is HTML. `goOnTo`: the address to which the page leads by itself, at once. */
export async function pageOf(title: string, body: string, script = '', goOnTo?: string): Promise<Page> {
  const refresh = goOnTo === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${escaped(goOnTo)}">\n`;
  const scriptTag = script === '' ? '' : `<script>${script}</script>`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${scriptTag}
</body>
</html>
`;
  const scriptSource = script === '' ? "'none'" : await hashSource(script);
  const policy = [
    "default-src 'none'",
    `script-src ${scriptSource}`,
    `style-src ${await hashSource(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

async function hashSource(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `'sha256-${toBase64(new Uint8Array(digest))}'`;
}

const style = `
:root { color-scheme: light dark; --text: #1c2024; --quiet: #5b6470; --line: #d9dde3; --ground: #fbfbfc; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --quiet: #9aa3ad; --line: #2e343b; --ground: #14171a; } }
body { margin: 0 auto; max-width: 880px; padding: 32px 24px; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 16px; } h2 { margin: 40px 0 4px; } h2 code { font-size: 15px; font-weight: 600; }
p { margin: 4px 0; } .quiet { color: var(--quiet); }
code { font: 13px/1.4 ui-monospace, monospace; }
table { border-collapse: collapse; width: 100%; margin: 12px 0; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); } td:first-child { white-space: nowrap; }
.aligned th:first-child { width: 10em; }
a { color: inherit; }
`;
