/** What the tests inside the extension host hand to the runner outside. */
export interface HostResults {
  tests: HostTest[];
}

export interface HostTest {
  title: string;
  outcome: 'passed' | 'failed' | 'skipped';
  milliseconds: number;
  error?: string;
}
