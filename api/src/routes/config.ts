import type { Config } from '@command-center/contract/api/config';
import { cadences } from '@command-center/contract/cadences';
import { livePath } from '@command-center/contract/live';
import { retentionDays } from '@command-center/contract/retention';
import type { Settings } from '@command-center/contract/settings/settings';
import { thresholdNames, thresholds } from '@command-center/contract/thresholds';
import { withoutCredentials } from '../addresses.ts';
import { publicOrigin } from '../auth/origin.ts';
import type { Deps } from '../deps.ts';
import { type Surroundings, type View, withoutQuery } from './view.ts';

export function configView({ deps }: Surroundings): View {
  const answer = configOf(deps);
  const { allowedOrigins, liveUrl } = deps.settings;
  return withoutQuery((c) => {
    const isHere = liveUrl === undefined && deps.isLiveHere === true;
    return c.json(isHere ? { ...answer, live_url: liveUrlAt(publicOrigin(c.req.raw, allowedOrigins)) } : answer);
  });
}

/** Of the live socket at the origin that the browser knows. */
function liveUrlAt(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}${livePath}`;
}

function configOf({ settings, contract, version, otlp }: Deps): Config {
  return {
    version,
    thresholds: thresholdNames.map((name) => {
      const { signal, unit, isLowerWorse } = thresholds[name];
      return { name, signal, unit, ...settings.thresholds[name], lower_is_worse: isLowerWorse };
    }),
    cadences: { ...cadences },
    live_url: settings.liveUrl?.replace(/^http/, 'ws') ?? null,
    features: featuresOf(settings),
    retention_days: retentionDays,
    valkey_used_for: contract?.valkeyUsedFor ?? null,
    otlp: otlp ?? null,
    collector_endpoint:
      settings.collectorEndpoint === undefined ? null : withoutCredentials(settings.collectorEndpoint),
  };
}

function featuresOf(settings: Settings): Config['features'] {
  return {
    client_telemetry: settings.featureClientTelemetry,
    valkey_info: settings.featureValkeyInfo,
    deploy_markers: settings.featureDeployMarkers,
    anomaly_baselines: settings.featureAnomalyBaselines,
  };
}
