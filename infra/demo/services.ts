import { api } from './api.ts';
import { gateway } from './gateway.ts';
import { pipeline } from './pipeline.ts';
import type { Service } from './platform.ts';
import { voice } from './voice.ts';

/** The platform's processes. */
export const services: readonly Service[] = [api, gateway, voice, pipeline];
