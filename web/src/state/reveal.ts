export const detailId = 'detail';

/** Brings the open tab into sight, for links of the first screen that lead there. */
export function revealDetail(): void {
  requestAnimationFrame(() => document.getElementById(detailId)?.scrollIntoView({ block: 'start' }));
}
