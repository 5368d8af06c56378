import { type Links, links } from '@command-center/contract/api/links';
import { poll } from './poll.svelte.ts';

/** They are settings of the server: what it said once holds for this page. */
let known = $state.raw<Links | null>(null);

/** The tools that are configured, asked for once a page; null while that is not known. Call it while a component is made. */
export function followLinks(): { readonly now: Links | null } {
  const asked = poll(() => (known === null ? { path: '/links', schema: links, cadenceMs: null } : null));
  $effect(() => {
    if (asked.held !== null) known = asked.held.data;
  });
  return {
    get now() {
      return known;
    },
  };
}
