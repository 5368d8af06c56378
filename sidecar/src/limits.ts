/**
 * Every bound of the sidecar: name, unit, why that number. Bounds that an operator may change are settings; these are not.
 */

/** Nesting of arrays and key-value lists inside one attribute value or log body; what lies deeper reads as empty. Protobuf's own limit is 100 messages, two a level. */
export const MAX_VALUE_DEPTH = 32;

/** Strings that the decoder keeps to hand out again in place of a new copy: keys, names, label values. 4,096 x 64 bytes is the cost of one large request. */
export const INTERNED_STRINGS = 4_096;
/** Bytes; longer strings are rarely the same twice. */
export const INTERNED_STRING_BYTES = 64;

/** Decimal digits of an integer written as a JSON string; 2^64 has 20. Longer ones are out of range without being read. */
export const MAX_INTEGER_DIGITS = 40;
