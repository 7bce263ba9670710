export interface Disposable {
  dispose(): void;
}

/** Owns what it is given; what is added after disposal is disposed at once. */
export class Disposables implements Disposable {
  private items: Disposable[] = [];
  private disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.items.push(item);
    return item;
  }

  /** The last first. One that fails does not keep the others alive; the first failure is thrown at the end. */
  dispose(): void {
    this.disposed = true;
    const items = this.items.reverse();
    this.items = [];
    everyOne(items, (item) => item.dispose());
  }
}

/** Does it with every one, whichever fails; then throws the first failure. */
export function everyOne<T>(items: Iterable<T>, act: (item: T) => void): void {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      act(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
