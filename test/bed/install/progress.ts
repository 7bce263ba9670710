/** How an installation tells what it does, and is told to stop. */
export interface Progress {
  say(line: string): void;
  signal?: AbortSignal | undefined;
}
