import { type HealthCondition, type ServiceDefinition, services } from '../services.ts';
import type { SettingKey } from '../settings/rows.ts';
import type { FileCondition, FileService } from './schema.ts';

/** Where each kind of probe goes. */
const settingOf = {
  http: 'probeHttpUrl',
  postgres: 'probePostgresUrl',
  valkey: 'probeValkeyUrl',
  s3: 'probeS3Bucket',
} as const satisfies Record<string, SettingKey>;

/** The matrix as the file lists it; an entry that is a built-in one keeps what it does not say. */
export function servicesWith(
  list: readonly FileService[] | undefined,
  canonicalName: (name: string) => string | undefined,
): readonly ServiceDefinition[] {
  if (list === undefined) return services;
  return list.map(({ id, name, healthy_when: healthyWhen, conditions }) => {
    const builtIn = services.find((service) => service.id === id);
    return {
      id,
      name: name ?? builtIn?.name ?? id,
      healthyWhen: healthyWhen ?? builtIn?.healthyWhen ?? '',
      conditions: conditions?.map((each) => conditionOf(each, canonicalName)) ?? builtIn?.conditions ?? [],
    };
  });
}

function conditionOf(condition: FileCondition, canonicalName: (name: string) => string | undefined): HealthCondition {
  const known = (name: string): string => canonicalName(name) ?? name;
  switch (condition.type) {
    case 'probe': {
      const { probe, url, optional } = condition;
      const own = url === undefined ? {} : { url };
      return { type: 'probe', probe, setting: settingOf[probe], isOptional: optional ?? false, ...own };
    }
    case 'fresh':
      return { type: 'fresh', metric: known(condition.metric) };
    case 'moving':
      return { type: 'moving', metric: known(condition.metric), whileAbove: known(condition.while_above) };
    case 'above_zero':
      return { type: 'aboveZero', metric: known(condition.metric), labels: condition.labels ?? {} };
    case 'threshold':
      return { type: 'threshold', threshold: condition.threshold };
    case 'any_telemetry':
      return { type: 'anyTelemetry' };
  }
}
