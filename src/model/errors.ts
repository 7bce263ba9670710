/**
 * A failure that the user can act on: `message` says what happened, `next` what to do.
 * Shown without a stack; everything else that is thrown is a defect and is logged with one.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    message: string,
    readonly next: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Both halves as one line, for the command line and notifications. */
  get line(): string {
    return this.next ? `${this.message} ${this.next}` : this.message;
  }
}

/** The work was given up on request; never reported as a failure. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';

  constructor(message = 'Cancelled.') {
    super(message);
  }
}

/** True for our own cancellation and for the platform's AbortError. */
export function isCancelled(error: unknown): boolean {
  return error instanceof CancelledError || (error instanceof Error && error.name === 'AbortError');
}

/** One line that may be shown to a person, whatever was thrown. */
export function errorLine(error: unknown): string {
  if (error instanceof UserError) return error.line;
  return error instanceof Error ? error.message : String(error);
}

/** The same answer, unless the one who waits gives up first: then a CancelledError, and the work goes on by itself. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(new CancelledError());
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
