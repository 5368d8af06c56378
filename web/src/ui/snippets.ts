import type { Config } from '@command-center/contract/api/config';

export interface CollectorSnippet {
  readonly name: string;
  /** Where it goes. */
  readonly where: string;
  readonly text: string;
}

/** The ports of OTLP, for an API that does not know where its sidecar listens. */
const usual = { grpc: '127.0.0.1:4317', http: 'http://127.0.0.1:4318' };

/** What points a collector, or an application without one, at this Command Center. */
export function snippetsOf(otlp: Config['otlp']): readonly CollectorSnippet[] {
  const { grpc, http } = otlp ?? usual;
  return [
    {
      name: 'Collector',
      where: 'beside the exporters that the collector has',
      text: `exporters:
  otlp_grpc/command-center:
    endpoint: ${grpc}
    tls:
      insecure: true

service:
  pipelines:
    metrics: {receivers: [otlp], exporters: [otlp_grpc/command-center]}
    logs: {receivers: [otlp], exporters: [otlp_grpc/command-center]}
    traces: {receivers: [otlp], exporters: [otlp_grpc/command-center]}
`,
    },
    {
      name: 'Environment',
      where: 'of an application with an OpenTelemetry SDK',
      text: `OTEL_EXPORTER_OTLP_ENDPOINT=${http}
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
OTEL_SERVICE_NAME=my-service
`,
    },
  ];
}
