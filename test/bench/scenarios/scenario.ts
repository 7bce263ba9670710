import type { Bed } from '../../bed/bed';
import type { Track } from '../run';
import type { Row } from '../table';

/** What every scenario runs on. */
export interface Ground {
  track: Track;
  bed: Bed;
  /** Claude's configuration directory with the corpus. */
  configDir: string;
  count: number;
  seed: number;
  rounds: number;
  /** How often short work is done in one lap. */
  times: number;
  say(line: string): void;
}

export type Scenario = (ground: Ground) => Promise<Row[]>;
