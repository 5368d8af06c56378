export interface Span {
  readonly first: number;
  readonly width: number;
  readonly count: number;
}
export type SpanList = readonly Span[];
