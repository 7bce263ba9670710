import { everyOne, type Disposable } from './disposable';

export type Event<T> = (listener: (value: T) => void) => Disposable;

/** A list of listeners; one that throws does not keep the value from the others. */
export class Emitter<T> implements Disposable {
  private readonly subscriptions = new Set<{ listener: (value: T) => void }>();

  readonly event: Event<T> = (listener) => {
    const subscription = { listener };
    this.subscriptions.add(subscription);
    return { dispose: () => void this.subscriptions.delete(subscription) };
  };

  /** Reaches who listens now; who stops meanwhile is spared. */
  fire(value: T): void {
    everyOne([...this.subscriptions], (subscription) => {
      if (this.subscriptions.has(subscription)) subscription.listener(value);
    });
  }

  dispose(): void {
    this.subscriptions.clear();
  }
}
