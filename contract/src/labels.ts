/** The registry (contract.md §1). */
export type LabelKey = 'service.name';
export type Labels = Readonly<Record<string, string | true>>;
