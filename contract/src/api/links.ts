import { z } from 'zod';

const template = z.string().optional();

/** `GET /links`: link templates of the tools that are configured; `{trace_id}`, `{service}`, `{from}` and `{to}` (epoch ms) are for the console to fill in. */
export const links = z.object({ grafana: template, tempo: template, loki: template, prometheus: template });
export type Links = z.infer<typeof links>;
