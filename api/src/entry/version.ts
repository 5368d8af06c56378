import manifest from '../../package.json' with { type: 'json' };

/** Of this release. A bundle holds it. */
export const { version } = manifest;
