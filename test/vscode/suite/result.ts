/** What the suite in the extension host tells the runner outside, as JSON in a file. */
export interface SuiteResult {
  readonly results: readonly TestResult[];
}

export interface TestResult {
  /** Titles of the suites, then of the test or hook. */
  readonly title: readonly string[];
  readonly durationMs: number;
  /** The error with its stack, where it failed. */
  readonly failure?: string;
}
