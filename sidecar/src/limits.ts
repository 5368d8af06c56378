/**
 * Every bound of the sidecar: name, unit, why that number. Bounds that an operator may change are settings; these are not.
 */

/** Nesting of arrays and key-value lists inside one attribute value or log body; what lies deeper reads as empty. Protobuf's own limit is 100 messages, two a level. */
export const MAX_VALUE_DEPTH = 32;

/** Records of one request. An empty one takes two bytes on the wire, or a thousandth of that compressed, and a hundred in memory; collectors send 8,192 at a time. */
export const MAX_REQUEST_RECORDS = 1_000_000;
/** Attributes, list items, resources and scopes of one request, for the same reason: 64 MiB of real ones hold under 2 million. */
export const MAX_REQUEST_VALUES = 4_000_000;
/** Bytes that a record takes until it is committed, beside those of its texts: 250 to 550 were seen. And an attribute or list item: 50. */
export const RECORD_BYTES = 512;
export const VALUE_BYTES = 48;
/** Bytes of a request up to which it is decoded at once: a few milliseconds. Larger ones take turns. */
export const UNQUEUED_DECODE_BYTES = 256 * 1_024;
/** Buckets read of a point, or of each of its ranges: twice what may be kept (aggregate/limits.ts), so that what is left out is still too many. */
export const MAX_READ_BUCKETS = 4_096;
/** JSON documents up to this size, in bytes, are parsed unseen: not even `[` after `[` makes them expensive. */
export const UNCHECKED_JSON_BYTES = 1_048_576;
/** Objects and arrays of one JSON document, and commas between their members: each becomes some 60 bytes. */
export const MAX_JSON_CONTAINERS = 4_000_000;
export const MAX_JSON_COMMAS = 8_000_000;
/** Depth of a JSON document: 32 levels of an attribute value are 130 of JSON. */
export const MAX_JSON_DEPTH = 1_000;

/** Strings that the decoder keeps to hand out again in place of a new copy: keys, names, label values. 4,096 x 64 bytes is the cost of one large request. */
export const INTERNED_STRINGS = 4_096;
/** Bytes; longer strings are rarely the same twice. */
export const INTERNED_STRING_BYTES = 64;

/** Streams whose attributes are remembered as bytes, and all of those bytes: 8 attributes of a stream are some 250 bytes. With what is worked out for it a stream whose labels nobody shares takes 1.5 KB. A full memory starts anew. */
export const MAX_KNOWN_STREAMS = 131_072;
export const MAX_KNOWN_STREAM_BYTES = 24 * 1_024 * 1_024;
/** Places that are looked at for a stream, so that bytes chosen to collide cost no more than that; half of the places are free. */
export const MAX_PROBES = 64;
/** Resources, scopes and metrics remembered by the decoder, and bytes of a resource or scope that is. A collector forwards some thousands. */
export const MAX_KNOWN_HEADERS = 20_000;
export const MAX_KNOWN_HEADER_BYTES = 8_192;
/** Bytes up to which a header counts as one of them: 20 MiB of text in all. */
export const USUAL_HEADER_BYTES = 1_024;
/** Attributes and list items of a resource or scope that takes one place of those; 8 KiB can hold 4,000, and 20,000 times that is no memory. */
export const USUAL_HEADER_VALUES = 32;
/** Decimal digits of an integer written as a JSON string; 2^64 has 20. Longer ones are out of range without being read. */
export const MAX_INTEGER_DIGITS = 40;

/** Seconds a sender is asked to wait where the exporter says nothing. Hints are 1-10 s: one past the sender's patience (JS 10 s) drops the data. */
export const RETRY_AFTER_SECONDS = 1;
export const MAX_RETRY_AFTER_SECONDS = 10;
/** Bytes of UTF-8 of an error or warning: exporters read 64 KiB of an answer and log this. */
export const MAX_MESSAGE_BYTES = 1_024;

/** Bytes reserved for a request whose size is unknown: what a collector's batch of 8,192 items seldom exceeds compressed. HTTP doubles it as the body grows. */
export const FIRST_RESERVATION_BYTES = 256 * 1_024;
/** gRPC messages being received at once, over all connections; grpc-js tells a message's size only when it has it, so this bounds what is not yet reserved. */
export const MAX_GRPC_READING = 8;
/** gRPC calls waiting for their turn to be received; the rest is sent away with a retry hint. A collector has 30 calls under way (10 consumers a signal). */
export const MAX_GRPC_WAITING = 256;
/** Milliseconds for one gRPC message to arrive: it holds one of the places above. */
export const GRPC_READ_TIMEOUT_MS = 20_000;
/** Streams of one connection; senders queue what exceeds it. */
export const MAX_GRPC_STREAMS = 128;
/** Health watchers at once; each is an open call. */
export const MAX_HEALTH_WATCHERS = 64;

/** Milliseconds an idle connection is kept: Go clients hold theirs for 90 s and would meet a closing one. */
export const HTTP_KEEP_ALIVE_MS = 120_000;
/** Milliseconds for the headers, and for a whole request, to arrive. */
export const HTTP_HEADERS_TIMEOUT_MS = 20_000;
export const HTTP_REQUEST_TIMEOUT_MS = 60_000;
/** Open connections of the HTTP door. */
export const MAX_HTTP_CONNECTIONS = 1_024;
/** Bytes a decompressor gives at a time: what a bomb costs beyond the limit. */
export const INFLATE_CHUNK_BYTES = 64 * 1_024;

/** Bytes of a gzip body that is inflated at once, in one go, and bytes that may come of it: some 30 ms. Larger ones are inflated piece by piece. */
export const WHOLE_GZIP_BYTES = 512 * 1_024;
export const WHOLE_INFLATED_BYTES = 16 * 1_024 * 1_024;
/** Milliseconds between looks at the certificate files. */
export const CERTIFICATE_CHECK_MS = 60_000;
/** Encodings named in the log once each; they come from senders. */
export const MAX_ENCODINGS_TOLD = 16;

/** Milliseconds between looks at the database, and how long one may take: a commit that hangs is found out within the sum. */
export const PROBE_EVERY_MS = 1_000;
export const PROBE_DEADLINE_MS = 5_000;
/** Milliseconds after which a batch under way is given up: statements have 15 s each, and no batch lives over 60 s (design §4). */
export const COMMIT_DEADLINE_MS = 30_000;
/** Milliseconds for what is done between batches: moving windows, writing counters. */
export const UPKEEP_DEADLINE_MS = 30_000;
/** Milliseconds for which a batch that could not be stored keeps the sidecar degraded where no other follows. */
export const UNSTORED_TELL_MS = 10_000;

/** Live sockets of one sidecar: 500 of them take 20 MB (bench:live). */
export const MAX_LIVE_CLIENTS = 1_000;
/** Open connections of the sidecar's own HTTP server: probes, scrapers, people, and the live sockets. */
export const MAX_OWN_CONNECTIONS = 64 + MAX_LIVE_CLIENTS;
/** Milliseconds for one of its requests to arrive. */
export const OWN_REQUEST_TIMEOUT_MS = 10_000;
/** Label sets of one of the sidecar's own metrics; reasons and rules are a few dozen. */
export const MAX_LABEL_SETS = 1_000;
/** Milliseconds for the last export of these at the stop, and for the one under way before it. */
export const LAST_EXPORT_MS = 500;
