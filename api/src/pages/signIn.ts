import { type ReasonCode, reasons } from '@command-center/contract/reasons';
import { startPath } from '../auth/returnTo.ts';
import { escaped, type Page, pageOf } from './page.ts';

/**
 * The last step of a sign-in. A redirect would belong to the navigation that the provider's site began, with which browsers send no Strict cookie: an
 * answer of the API that was asked for as a page would be refused. The navigation that this page makes begins here.
 */
export function signedInPage(returnTo: string): Promise<Page> {
  return pageOf(
    'Signed in · Command Center',
    `<h1>Command Center</h1>
<p role="status">Signed in. <a href="${escaped(returnTo)}">Go on</a></p>`,
    '',
    returnTo,
  );
}

/** A sign-in that ended otherwise: why, and the way to try again. `text` is a sentence. */
export function signInProblemPage(code: ReasonCode, text: string, returnTo: string = startPath): Promise<Page> {
  const again = `/auth/start?return_to=${encodeURIComponent(returnTo)}`;
  // Without the prompt a provider that still knows the person would send the same identity at once.
  const way =
    code === 'forbidden'
      ? `<a href="${escaped(`${again}&prompt=login`)}">Sign in as somebody else</a>`
      : `<a href="${escaped(again)}">Sign in again</a>`;
  return pageOf(
    `${reasons[code].title} · Command Center`,
    `<h1>${escaped(reasons[code].title)}</h1>
<p role="status">${escaped(text)}</p>
<p>${way} · <a href="${startPath}">Command Center</a></p>`,
  );
}
