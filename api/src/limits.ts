/** The bounds of the API: name, unit, and why that number. */
export const limits = {
  /** Rows: the plan's page size (interfaces.md §1). */
  pageRows: 100,
  pageRowsDefault: 50,
  topRowsDefault: 10,
  /** Characters of one text parameter: labels and identifiers end at 120, a search phrase hardly ever passes this. */
  parameterCharacters: 200,
  /** Characters of a cursor: ours are under 200. */
  cursorCharacters: 512,
  /** Metrics of one /trends request, or of one export: all that the console's fullest tab shows. */
  trendMetrics: 24,
  /** `where` conditions of one /trends request: no metric keeps more labels. */
  trendConditions: 8,
  /** Series a metric may answer with: the label budget of one metric (contract.md §1). */
  trendSeries: 100,
  /** Series rows a metric may have met in 30 days: the budget turned over every day. */
  trendSeriesRead: 3_100,
  /** Points of one /trends answer: 69 series over 24 h; about 20 MB of JSON. */
  trendPoints: 100_000,
  /** Slow database spans that the table of slow queries is made of, the newest: two milliseconds. */
  slowQuerySpans: 2_000,
  /** Rows of each list of /infrastructure: pools, queues, processes, slow queries. */
  infrastructureRows: 50,
  /** Rows of each list of /intake: a page nobody reads further. */
  intakeRows: 500,
  /** Rows of one export: the plan's (interfaces.md §1). */
  exportRows: 10_000,
  /** Rows of an export that are read, held and sent at a time: about 250 KiB, 3 MiB where every message is as long as one can be. */
  exportPageRows: 500,
  /** Exports of this process at one time, each with at most one of its 10 connections: the lists need theirs. */
  exportsAtOnce: 4,
  /** Milliseconds a client may leave a part of an export untaken: what a mobile network may pause. */
  exportStallMs: 30_000,
  /** Milliseconds a whole export may take: 20 MiB at 35 KiB/s. */
  exportMs: 600_000,
  /** Milliseconds an export that nobody waits for any more waits for its cancellation: one that needs a connection, where none may be free. */
  exportCancelMs: 1_000,
  /** Milliseconds an export may take to find its rows and lie in the bucket: a gateway before a Lambda waits 29 s. */
  exportStoreMs: 25_000,
  /** Seconds a link to an export in the bucket is good for; the object lives a day (interfaces.md §5). */
  exportLinkSeconds: 3600,
  /** Milliseconds after its run began for which an answer may be given to who asks the same: what was a second ago is hardly another range. */
  heldAnswerMs: 1_000,
  /** Bytes of such answers: a second of everything that open consoles ask for is under 2 MiB, gzipped. */
  heldAnswerBytes: 8 * 2 ** 20,
  /** Milliseconds in which the database says whether anything has arrived: a question takes one. */
  arrivalsMs: 250,
  /** Bytes of a request body: the login token is 100. */
  bodyBytes: 4096,
  /** Milliseconds a statement may run: twenty times the slowest target of interfaces.md §1. */
  statementMs: 10_000,
  /** Milliseconds an audit row may take: a view never waits longer for it. */
  auditMs: 2_000,
  /** Audit rows of one statement: what a burst of requests leaves; their JSON is under 1 MB. */
  auditRows: 500,
  /** Milliseconds beyond a statement's own timeout after which the database counts as away. */
  answerGraceMs: 3_000,
  /** Milliseconds without an answer after which the database is asked on another connection whether it is there: most answers take under 50. */
  suspectMs: 800,
  /** Milliseconds it has to say so. With `suspectMs` and one more question for the audit row a refusal comes within 3 s. */
  presenceMs: 1_000,
  /** Milliseconds for the same, without a wait before, where it was found away in the last `awayMemoryMs`. */
  presenceAgainMs: 500,
  /** Milliseconds for which a database that was found away is suspected at once: longer than a request takes to be refused. */
  awayMemoryMs: 5_000,
  /** Connections that were lost while nobody used them and that one transaction may meet before it begins. */
  lostConnections: 3,
  /** Milliseconds between two tries: a pool lets go of an ended connection after 20. */
  lostPauseMs: 30,
  /** Seconds a session lasts (interfaces.md §2). */
  sessionSeconds: 8 * 3600,
  /** Seconds between leaving for the identity provider and coming back: time for a second factor. */
  signInSeconds: 600,
  /** Characters of the path that a sign-in comes back to: sealed, it must fit into a cookie of 4,096 bytes. */
  returnToCharacters: 1_500,
  /** Milliseconds one request to the identity provider may take. */
  identityRequestMs: 3_000,
  /** Bytes of one answer of the identity provider: a key is under 5,000, a discovery document under 10,000. */
  identityAnswerBytes: 2 ** 18,
  /** Requests to the identity provider at a time: a flood of strangers is not passed on. */
  identityRequests: 32,
  /** Milliseconds its discovery document is good for. It hardly ever changes. */
  identityDocumentMs: 3_600_000,
  /** Milliseconds its keys are good for: a key that was withdrawn is believed no longer. */
  identityKeysMs: 600_000,
  /** Milliseconds after its keys were read before an unknown key makes us read them again. */
  identityKeysPauseMs: 10_000,
  /** Milliseconds an identity provider that failed is left alone. */
  identityRetryMs: 2_000,
  /** Seconds by which its clock and ours may differ. */
  identityClockSeconds: 30,
  /** Characters of an access token: Node takes no more of headers. */
  accessTokenCharacters: 16_384,
  /** Minutes a login link can be used. */
  loginLinkMinutes: 15,
  /** Distinct filters kept in an audit row, in bytes of JSON: the row is its own key and an index entry ends at 2,704 bytes. */
  auditFilterBytes: 1500,
} as const;
