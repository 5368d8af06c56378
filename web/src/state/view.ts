import { defaultTime, readTime, type TimeChoice, timeParameters } from './timeChoice.ts';

export const tabs = ['golden', 'voice', 'infrastructure', 'logs', 'traces', 'intake'] as const;
export type Tab = (typeof tabs)[number];

export const tabNames: Readonly<Record<Tab, string>> = {
  golden: 'Golden Signals',
  voice: 'Voice',
  infrastructure: 'Infrastructure',
  logs: 'Logs',
  traces: 'Traces',
  intake: 'Intake',
};

/** Everything that decides what the page shows: a link with it shows a colleague the same page (design §7). Empty text = no filter. */
export interface View {
  readonly tab: Tab;
  readonly time: TimeChoice;
  readonly service: string;
  readonly route: string;
  readonly level: '' | 'WARN' | 'ERROR';
  readonly domain: string;
  readonly search: string;
  readonly traceId: string;
  readonly isGrouped: boolean;
  /** Spans with an error, or slow ones. */
  readonly status: '' | 'error' | 'slow';
  /** Least duration of spans, milliseconds; empty = any. */
  readonly durationMin: string;
  /** Of the page of logs or spans that is shown; empty = the newest. */
  readonly cursor: string;
  /** Id of the log record or span that is open. */
  readonly row: string;
  readonly signal: '' | 'metrics' | 'logs' | 'traces';
  /** Charts as tables. */
  readonly isTable: boolean;
  /** Durations on a logarithmic scale. */
  readonly isLog: boolean;
  /** Error rate and ERROR records drawn into the charts (design §7). */
  readonly isIncident: boolean;
  readonly isPaused: boolean;
  readonly isUtc: boolean;
  /** For a wall screen: nothing to click. */
  readonly isKiosk: boolean;
}

export const defaultView: View = {
  tab: 'golden',
  time: defaultTime,
  service: '',
  route: '',
  level: '',
  domain: '',
  search: '',
  traceId: '',
  isGrouped: false,
  status: '',
  durationMin: '',
  cursor: '',
  row: '',
  signal: '',
  isTable: false,
  isLog: false,
  isIncident: false,
  isPaused: false,
  isUtc: false,
  isKiosk: false,
};

/** Longest text that is taken out of an address; the API takes 200 characters of a filter and 512 of a cursor. */
const longestText = 512;

/** Reads a query string. What it does not understand is as if it were not there. */
export function readView(query: string): View {
  const parameters = new URLSearchParams(query);
  const text = (key: string): string => (parameters.get(key) ?? '').slice(0, longestText);
  const word = <const T extends string>(key: string, words: readonly T[], otherwise: T): T =>
    words.find((one) => one === parameters.get(key)) ?? otherwise;
  const flag = (key: string): boolean => parameters.get(key) === '1';
  return {
    tab: word('tab', tabs, defaultView.tab),
    time: readTime(parameters),
    service: text('service'),
    route: text('route'),
    level: word('level', ['', 'WARN', 'ERROR'], ''),
    domain: text('domain'),
    search: text('q'),
    traceId: /^[0-9a-f]{32}$/i.test(text('trace')) ? text('trace').toLowerCase() : '',
    isGrouped: flag('group'),
    status: word('status', ['', 'error', 'slow'], ''),
    durationMin: /^\d{1,9}$/.test(text('duration_min')) ? text('duration_min') : '',
    cursor: text('cursor'),
    row: text('row'),
    signal: word('signal', ['', 'metrics', 'logs', 'traces'], ''),
    isTable: flag('table'),
    isLog: flag('log'),
    isIncident: flag('incident'),
    isPaused: flag('paused'),
    isUtc: flag('utc'),
    isKiosk: flag('kiosk'),
  };
}

/** The query string of a view, with a `?`, without what is default. */
export function queryOf(view: View): string {
  const parameters = new URLSearchParams();
  const put = (key: string, value: string | boolean): void => {
    if (value === true) parameters.set(key, '1');
    else if (value !== false && value !== '') parameters.set(key, value);
  };
  if (view.tab !== defaultView.tab) put('tab', view.tab);
  if (view.time.type === 'custom' || view.time.range !== '24h') {
    for (const [key, value] of Object.entries(timeParameters(view.time))) put(key, value);
  }
  put('service', view.service);
  put('route', view.route);
  put('level', view.level);
  put('domain', view.domain);
  put('q', view.search);
  put('trace', view.traceId);
  put('group', view.isGrouped);
  put('status', view.status);
  put('duration_min', view.durationMin);
  put('cursor', view.cursor);
  put('row', view.row);
  put('signal', view.signal);
  put('table', view.isTable);
  put('log', view.isLog);
  put('incident', view.isIncident);
  put('paused', view.isPaused);
  put('utc', view.isUtc);
  put('kiosk', view.isKiosk);
  const query = parameters.toString();
  return query === '' ? '' : `?${query}`;
}

/** What a page of logs or spans depends on: a cursor of other filters is none. */
const listKeys = [
  ...(['tab', 'time', 'service', 'level', 'domain', 'search', 'traceId', 'isGrouped'] as const),
  ...(['route', 'status', 'durationMin'] as const),
];

/** The view after a change; a change of what chooses the rows goes back to the first page and closes the open row. */
export function changed(view: View, change: Partial<View>): View {
  const next = { ...view, ...change };
  const isOtherList = listKeys.some((key) => next[key] !== view[key]);
  return {
    ...next,
    cursor: isOtherList && change.cursor === undefined ? '' : next.cursor,
    row: isOtherList && change.row === undefined ? '' : next.row,
  };
}

/** The logs without any filter but these: where links of other sections lead. */
export function logsOf(change: Partial<View>): Partial<View> {
  const { service, level, domain, search, traceId, isGrouped, cursor, row } = defaultView;
  return { tab: 'logs', service, level, domain, search, traceId, isGrouped, cursor, row, ...change };
}

/** The spans without any filter but these. */
export function tracesOf(change: Partial<View>): Partial<View> {
  const { domain, route, status, durationMin, traceId, cursor, row } = defaultView;
  return { tab: 'traces', domain, route, status, durationMin, traceId, cursor, row, ...change };
}
