/** Numbers that a peer tells of a lap, by name: `sessions`, `heapBytes`. */
export type Facts = Record<string, number>;

/** One measured piece of work. */
export interface Lap {
  name: string;
  /** One for each time that it was done. */
  wallMs: number[];
  /** User and system time of the process and of all that it started; mean of one time. */
  cpuMs: number;
  facts: Facts;
}

/** What a peer is told; each takes what concerns it. */
export interface PeerInput {
  /** Claude's configuration directory with the transcripts. */
  configDir: string;
  /** How often short work is done in one lap. */
  times: number;
  /** The module of the vendor's SDK. */
  sdk?: string;
  /** Bytes that are read at each end of a transcript. */
  look?: number;
  /** ssh's configuration with the host `devserver`. */
  sshConfig?: string;
  tasks?: number;
}

/** Does the work `times` times and tells how long it took; the parent looks at its own counters before and after. */
export type Measure = (name: string, work: () => Promise<Facts | void>, times?: number) => Promise<Lap>;

/** One of those who are compared, in a process of its own. */
export type Peer = (input: PeerInput, measure: Measure) => Promise<void>;

/** Between a peer and its parent. */
export type Message =
  { kind: 'begin'; name: string } | { kind: 'end'; lap: Lap } | { kind: 'done'; peakBytes: number };
