import { type Catalogue, createCatalogue, definitions } from './catalogue/catalogue.ts';
import { definitionsWith } from './contractFile/metrics.ts';
import type { ContractFile } from './contractFile/schema.ts';
import { servicesWith } from './contractFile/services.ts';
import { probeRoutes } from './routes.ts';
import { type ServiceDefinition, services } from './services.ts';

/** What one deployment keeps, and how it judges it: the built-in contract with an operator's file over it. */
export interface Contract {
  /** The file, as plain data: `createContract` of it gives this contract again, in any thread. */
  readonly file: ContractFile;
  readonly catalogue: Catalogue;
  readonly services: readonly ServiceDefinition[];
  readonly probeRoutes: readonly string[];
  /** What the deployment keeps in Valkey, in words; null = nobody said. */
  readonly valkeyUsedFor: string | null;
}

/** @param file checked by parse.ts. */
export function createContract(file: ContractFile): Contract {
  const catalogue = createCatalogue(file.metrics === undefined ? definitions : definitionsWith(file.metrics));
  return {
    file,
    catalogue,
    services: file.services === undefined ? services : servicesWith(file.services, catalogue.canonicalName),
    probeRoutes: file.probe_routes ?? probeRoutes,
    valkeyUsedFor: file.valkey?.used_for ?? null,
  };
}

export const defaultContract: Contract = createContract({});
