import type { Audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import type { Cursors } from '../requests/cursor.ts';
import { addConfig } from './config.ts';
import type { Api } from './declaration.ts';
import { addExport } from './export.ts';
import { addInfrastructure } from './infrastructure.ts';
import { addIntake } from './intake.ts';
import { addLinks } from './links.ts';
import { addLogs } from './logs.ts';
import { addSummary } from './summary.ts';
import { addTopErrors } from './topErrors.ts';
import { addTopRoutes } from './topRoutes.ts';
import { addTraces } from './traces.ts';
import { addTrends } from './trends.ts';
import { addVoiceQuality } from './voiceQuality.ts';
import { addVoiceSummary } from './voiceSummary.ts';

/** Adds every endpoint behind the gate, in the order of the reference. */
export function addViews(api: Api, deps: Deps, audit: Audit, cursors: Cursors): void {
  addSummary(api, deps, audit);
  addTrends(api, deps);
  addTopRoutes(api, deps);
  addTopErrors(api, deps);
  addVoiceSummary(api, deps);
  addVoiceQuality(api, deps);
  addInfrastructure(api, deps);
  addLogs(api, deps, cursors);
  addTraces(api, deps, cursors);
  addIntake(api, deps);
  addExport(api, deps);
  addConfig(api, deps);
  addLinks(api, deps);
}
