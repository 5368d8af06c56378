/**
 * How Node runs a sidecar, also in the script `start:sidecar`. V8 collects in the thread that makes the garbage: its helper threads spent
 * CPU on looking over streams that stay. A small young generation keeps batches, which die at once, in the cache.
 * Source: docs/adr/0008-known-points-cost-no-objects.md.
 */
export const nodeFlags: readonly string[] = ['--single-threaded-gc', '--max-semi-space-size=8'];
