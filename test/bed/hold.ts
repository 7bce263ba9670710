/** What a test holds back until it has seen what it wanted to see. */
export interface Hold {
  readonly released: Promise<void>;
  release(): void;
}

export function hold(): Hold {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  return { released, release };
}
