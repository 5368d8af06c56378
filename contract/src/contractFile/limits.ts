/** Bounds of a contract file; each has its unit in its name and its reason beside it. */

/** A thousand metrics with aliases, written out, are a quarter of it. */
export const maxFileBytes = 1_048_576;

/** Metrics that a file adds or changes: each one takes up to a budget of series. */
export const maxFileMetrics = 500;

/** Other names of one metric. */
export const maxAliases = 32;

/** Conditions on one alias. */
export const maxSelectors = 8;

/** Services of the matrix, which is read at a glance. */
export const maxServices = 50;
export const maxServiceConditions = 10;

/** Routes are compared one by one. */
export const maxProbeRoutes = 100;

/** Characters of a metric's name (OpenTelemetry, "Instrument name syntax"). */
export const maxNameCharacters = 255;

/** Characters of what is shown to people. */
export const maxWordsCharacters = 300;

/** Problems that one error lists; more help no one. */
export const maxProblems = 20;
