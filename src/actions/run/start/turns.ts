/** Lets work on one thing wait for the work before it. */
export class Turns {
  /** Of each thing, what comes last. */
  private readonly last = new Map<string, Promise<unknown>>();

  async take<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.last.get(thing) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => undefined);
    this.last.set(thing, settled);
    try {
      return await turn;
    } finally {
      if (this.last.get(thing) === settled) this.last.delete(thing);
    }
  }
}
