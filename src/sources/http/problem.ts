/** What can go wrong on the way to a server, whichever it is; `host` is host and port. */
export type HttpProblem = { host: string } & (
  | { kind: 'network'; code: string }
  | { kind: 'tls'; code: string }
  | { kind: 'timeout'; afterMs: number }
  | { kind: 'tooLarge'; what: string }
);

/** No answer came, or one that cannot be taken. Its message names the host and nothing more of the address. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly problem: HttpProblem,
    options?: ErrorOptions,
  ) {
    super(describe(problem), options);
  }
}

function describe(problem: HttpProblem): string {
  const { host } = problem;
  switch (problem.kind) {
    case 'network':
      return `The connection to ${host} failed (${problem.code}).`;
    case 'tls':
      return `The certificate of ${host} is not trusted, or it does not speak https (${problem.code}).`;
    case 'timeout':
      return `${host} did not answer within ${Math.round(problem.afterMs / 1000)} s.`;
    case 'tooLarge':
      return `${problem.what} is too large.`;
  }
}
