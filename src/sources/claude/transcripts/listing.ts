import type { Section } from '../probe/sections';

/** A transcript as its host lists it; `line` is the host's own spelling of all three. */
export interface ListedFile {
  line: string;
  /** Below `projects`: `./<folder>/<id>.jsonl`. */
  path: string;
  size: number;
  /** Epoch seconds, with the fraction that the host gives. */
  modified: string;
}

/** What a host says of all its transcripts. */
export interface Listing {
  /** Equal states are equal lists. */
  state: string;
  /** How many there are. */
  total: number;
  /** The sum of their sizes. */
  bytes: number;
  /** Another one when a folder came, went or was renamed. */
  folders: string;
  /** The host looks into transcripts itself (with perl) and tells of the changed ones right away; else they are to be read. */
  looked: boolean;
  /** Newest first; none where the state is the one that the caller knows. */
  changed: ListedFile[];
}

/** Takes what a host tells of transcripts, while it comes. */
export interface LookTaker {
  /** Of the file that is row `row` of what was listed, or asked for. */
  looked(row: number, body: Buffer): void;
  /** Directories in what was looked at that are not there. */
  gone(directories: string[]): void;
}

/** The listing comes first. */
export interface ListTaker extends LookTaker {
  listed(listing: Listing): void;
}

export function readListing([state = '', looked]: string[], body: string): Listing {
  const [total, , bytes, , folders = ''] = state.split(':');
  return {
    state,
    total: Number(total) || 0,
    bytes: Number(bytes) || 0,
    folders,
    looked: looked === 'looked',
    changed: body.split('\n').flatMap(readRow),
  };
}

function readRow(line: string): ListedFile[] {
  // The script lists nothing else; anything else could not be asked for again.
  const match = /^([0-9.]+) (\d+) (\.\/[A-Za-z0-9-]+\/[0-9a-fA-F-]{36}\.jsonl)$/.exec(line);
  if (!match) return [];
  const [, modified = '', size, path = ''] = match;
  return [{ line, path, size: Number(size), modified }];
}

/** Hands a section of a look to `taker`; false if it is none. */
export function takeLook({ name, args, body }: Section, taker: LookTaker): boolean {
  switch (name) {
    case 'look':
      taker.looked(Number(args[0]), body);
      return true;
    case 'gone':
      taker.gone(body.toString().split('\n').filter(Boolean));
      return true;
    default:
      return false;
  }
}
