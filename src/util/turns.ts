/** Lets those who want the same thing have it one after another; who wants another does not wait. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** `step` when all that were here for the same before are done, well or not. Rejects with the signal's reason. */
  async next<T>(what: string, step: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.last.get(what) ?? Promise.resolve();
    const mine = waited(before, signal).then(step);
    // Who gave up waiting lets nobody past those who were there before.
    const end = Promise.allSettled([before, mine]);
    this.last.set(what, end);
    void end.then(() => {
      if (this.last.get(what) === end) this.last.delete(what);
    });
    return mine;
  }
}

/** `before` never rejects. */
function waited(before: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal?.reason as Error);
    if (signal?.aborted) return leave();
    signal?.addEventListener('abort', leave, { once: true });
    void before.then(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    });
  });
}

/** A queue of one's own: each step when those before are done, well or not. */
export function inTurn(): <T>(step: () => Promise<T>) => Promise<T> {
  const turns = new Turns();
  return (step) => turns.next('', step);
}
