import { definitions } from '@command-center/contract/catalogue/catalogue';

/** Every name under which a metric of the contract may come. */
function incomingNames(): string[] {
  const names = definitions.flatMap(({ sources }) =>
    sources.flatMap(({ instrument }) => instrument.names.map(({ name }) => name)),
  );
  return [...new Set(names)].sort();
}

/** RE2, as the collector reads it. */
const escaped = (name: string): string => name.replaceAll('.', '[.]');

/** infra/collector/early.yaml */
export function earlyDrop(): string {
  return `# Written by \`npm run generate\` from contract/src/catalogue; edit that, or infra/generate/earlyDrop.ts.
#
# Drops early what the sidecar would drop, and masks what looks like somebody's data before it leaves: over gateway.yaml or agent.yaml.
#
#   otelcol --config gateway.yaml --config early.yaml     OpenTelemetry Collector (contrib) 0.159 or later
#
# Whole metrics go by their name, and whole records by their level; no attribute of a metric is touched, since the sidecar tells streams apart by all of them. With
# it the Intake tab no longer shows metrics that the contract does not know. A contract file of your own (COMMAND_CENTER_CONTRACT) names more metrics: add
# them here, or leave this file out. The masks are a second line, for text that must not leave the host; the sidecar's own rules do not rely on them.

processors:
  filter/contract:
    error_mode: ignore
    metrics:
      metric:
        - >-
          not IsMatch(name, "^(${escaped(incomingNames().join('|'))})$")
  redaction:
    allow_all_keys: true
    summary: silent
    blocked_values:
      - "[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[.][A-Za-z]{2,}"
      - "(?i)bearer [A-Za-z0-9._~+/-]{8,}=*"
      - "eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]*"
      - "(AKIA|ASIA)[0-9A-Z]{16}"
      - "-----BEGIN [A-Z ]*PRIVATE KEY-----"

service:
  pipelines:
    metrics: { processors: [memory_limiter, filter/contract] }
    logs: { processors: [memory_limiter, filter/below_warn, redaction] }
    traces: { processors: [memory_limiter, redaction] }
`;
}
