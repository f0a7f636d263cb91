/** What a check is, for the report and for the documentation. */
export interface About {
  readonly name: string;
  readonly proves: string;
  /** What stays open though it holds. */
  readonly cannot: string;
  /** What a finding of it means, and what to do then. */
  readonly means: string;
  readonly todo: string;
}
