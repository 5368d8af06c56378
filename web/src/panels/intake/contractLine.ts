/** Longest list of lines; who has more unknown metrics than that starts with those that come most. */
const mostLines = 20;

/** What a contract file needs so that these metrics are kept, most important first (contract.md §4): valid as it is, to be corrected by who knows the metric. */
export function contractLines(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const lines = distinct.slice(0, mostLines).map((name) => `  - { name: ${yamlText(name)}, ${guessOf(name)} }`);
  const rest = distinct.length - lines.length;
  return ['metrics:', ...lines, ...(rest > 0 ? [`  # and ${rest} more`] : []), ''].join('\n');
}

const guesses: readonly (readonly [RegExp, string])[] = [
  [/_total$/, "kind: counter, unit: '1', signal: traffic"],
  [/milliseconds$|_ms$/, 'kind: histogram, unit: ms, signal: latency'],
  [/duration|latency|seconds$/, 'kind: histogram, unit: s, signal: latency'],
  [/bytes$|memory|\.io$/, 'kind: gauge, merge: sum, unit: By, signal: saturation'],
];
const otherwise = "kind: gauge, merge: sum, unit: '1', signal: saturation";

/** What a metric of this name mostly is: neither kind nor unit of what is not kept is known. */
function guessOf(name: string): string {
  return guesses.find(([pattern]) => pattern.test(name))?.[1] ?? otherwise;
}

/** JSON's strings are YAML's; what is plain in both and no other type stands without quotes. */
function yamlText(name: string): string {
  return /^[a-z][\w-]*[./_][\w./-]*$/i.test(name) ? name : JSON.stringify(name);
}
