/** What can go wrong between a client and Jira. */
export type Fault =
  /** 429. `retryAfter` in seconds, null leaves the header out (gateways do); `html` answers with a page. */
  | { kind: 'rateLimit'; retryAfter?: number | null; html?: boolean; reason?: string }
  /** Any status, a small HTML page unless `body` says otherwise. */
  | { kind: 'status'; status: number; body?: string; contentType?: string; retryAfter?: number }
  /** A proxy's or SSO's page instead of the answer: at once with 200, or behind a redirect. */
  | { kind: 'loginPage'; redirect?: boolean }
  /** Accepts and never answers; with `afterWork` the request takes effect first. */
  | { kind: 'hang'; afterWork?: boolean }
  /** The request takes effect, the answer ends after `afterBytes` (default half) of its body. */
  | { kind: 'cut'; afterBytes?: number }
  /** Drops the connection without a byte. */
  | { kind: 'reset' }
  /** Answers late, ms of real time. */
  | { kind: 'delay'; ms: number }
  /** Does nothing before this. */
  | { kind: 'held'; until: Promise<unknown> }
  /** The credentials count for nothing: Cloud then answers as to anybody, with a header that says why. */
  | { kind: 'anonymous' }
  /** 401, the token lacks a scope. */
  | { kind: 'scope' }
  /** Data Center's 403 after too many failed sign-ins. */
  | { kind: 'captcha' }
  /** 404 with a page: no such site. */
  | { kind: 'noSite' };

export interface FaultScope {
  /** How many requests it meets; absent means until cleared. */
  times?: number;
  /** Matched against the path with its query, such as `/rest/api/3/search/jql`. */
  path?: RegExp;
  method?: string;
}

/** The faults that wait for requests; the first that matches meets the request. */
export class Faults {
  private waiting: { fault: Fault; scope: FaultScope; left: number }[] = [];

  /** Returns a function that clears it. */
  add(fault: Fault, scope: FaultScope = {}): () => void {
    const entry = { fault, scope, left: scope.times ?? Infinity };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.waiting = [];
  }

  /** The fault that this request meets, counted off. */
  take(method: string, path: string): Fault | undefined {
    const entry = this.waiting.find(
      ({ scope }) => (scope.path?.test(path) ?? true) && (scope.method ?? method) === method,
    );
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.waiting = this.waiting.filter((other) => other !== entry);
    return entry.fault;
  }
}
