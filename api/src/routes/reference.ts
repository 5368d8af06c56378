import { httpOk } from '@command-center/contract/reasons';
import { documentOf } from '../openapi/document.ts';
import { referencePage } from '../pages/reference.ts';
import type { Surroundings, View } from './view.ts';

/** The API's document. */
export function documentView({ deps }: Surroundings): View {
  return (c) => c.json(documentOf(deps.version));
}

/** Its reference page, made of the document. */
export function referenceView({ deps }: Surroundings): View {
  return async (c) => {
    const { html, policy } = await referencePage(documentOf(deps.version));
    return c.html(html, httpOk, { 'Content-Security-Policy': policy });
  };
}
