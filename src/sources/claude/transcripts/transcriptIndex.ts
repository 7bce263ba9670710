import type { TranscriptSummary } from '../../../model/session/transcript';
import type { ListedFile, Listing, ListTaker, LookTaker } from './listing';
import { readLook } from './look';
import { fileOf, firstLook, readByRanges } from './ranges';
import type { Ends, ReadRanges } from './ranges';
import { nameOf } from './transcript';

/** How the index asks its host for what the probe did not bring. */
export interface TranscriptReader {
  /** The whole list, whatever the caller knows. */
  list(): Promise<Listing | undefined>;
  /** Has the host look into these; it may stop early. */
  look(files: ListedFile[], taker: LookTaker): Promise<void>;
  /** For hosts that cannot look. */
  read: ReadRanges;
}

interface Entry extends Ends {
  /** Undefined until read. */
  summary?: TranscriptSummary;
}

/** Transcripts that one further question is about. */
const looksAtOnce = 2000;

/**
 * What is known of one host's transcripts. A file is read again only when its size or time has changed. Give it to the
 * probe, then have it `update`.
 */
export class TranscriptIndex implements ListTaker {
  private entries = new Map<string, Entry>();
  private state = '';
  private total = 0;
  private bytes = 0;
  private folders = '';
  /** What the probe lists and looks into. */
  private rows: Entry[] = [];
  private sorted: TranscriptSummary[] | undefined;

  /** The newest `limit` transcripts are kept. */
  constructor(readonly limit = 20_000) {}

  /** What to tell the probe, so that it lists only what is new. */
  get known(): string | undefined {
    return this.state || undefined;
  }

  /** Newest first; the same array as long as nothing has changed. */
  get summaries(): TranscriptSummary[] {
    this.sorted ??= [...this.entries.values()].flatMap(({ summary }) => summary ?? []);
    return this.sorted;
  }

  listed({ changed }: Listing): void {
    this.rows = changed.map((file) => this.entryOf(file));
  }

  looked(row: number, body: Buffer): void {
    takeBody(this.rows[row], body);
  }

  gone(directories: string[]): void {
    leave(this.rows, directories);
  }

  /** Takes in what the probe listed, and has the rest read. */
  async update(listing: Listing | undefined, reader: TranscriptReader): Promise<void> {
    if (listing && listing.state === this.state) return;
    this.sorted = undefined;
    let now = listing;
    if (!listing || !this.known) this.replace(listing);
    else if (!this.merge(listing)) {
      // Something went away, a folder is another, or the clock there went back: no list of what is new can tell.
      now = await reader.list();
      this.rows = now?.changed.map((file) => this.entryOf(file)) ?? [];
      this.replace(now);
    }
    const missing = [...this.entries.values()].filter(({ summary }) => summary === undefined);
    if (listing?.looked) await this.lookInto(missing, reader);
    await readByRanges(
      missing.filter(({ summary }) => !summary),
      reader.read,
      (entry, summary) => {
        entry.summary = summary ?? unread(entry.file);
      },
    );
    // Only now: where a question failed, all is listed again.
    this.state = now?.state ?? '';
  }

  /** False if the result cannot be what the host has. */
  private merge({ total, bytes, folders }: Listing): boolean {
    if (folders !== this.folders) return false;
    let added = 0;
    let grown = 0;
    for (const { file } of this.rows) {
      const before = this.entries.get(file.path);
      if (!before) added++;
      grown += file.size - (before?.file.size ?? 0);
    }
    if (this.total + added !== total || this.bytes + grown !== bytes) return false;
    for (const entry of this.rows) this.entries.set(entry.file.path, entry);
    this.keep([...this.entries.values()], { total, bytes, folders });
    return true;
  }

  private replace(listing: Listing | undefined): void {
    this.keep(this.rows, listing ?? { total: 0, bytes: 0, folders: '' });
  }

  private keep(
    entries: Entry[],
    { total, bytes, folders }: Pick<Listing, 'total' | 'bytes' | 'folders'>,
  ): void {
    const newest = entries.sort((a, b) => (a.file.line < b.file.line ? 1 : -1)).slice(0, this.limit);
    this.entries = new Map(newest.map((entry) => [entry.file.path, entry]));
    this.total = total;
    this.bytes = bytes;
    this.folders = folders;
    this.rows = [];
  }

  /** The same as before where the file is as before. */
  private entryOf(file: ListedFile): Entry {
    const before = this.entries.get(file.path);
    if (before?.file.line === file.line && !before.summary?.unread) return before;
    return { file, head: before?.head ?? firstLook, tail: before?.tail ?? firstLook };
  }

  private async lookInto(entries: Entry[], { look }: TranscriptReader): Promise<void> {
    for (let waiting = entries; waiting.length > 0;) {
      const rows = waiting.slice(0, looksAtOnce);
      await look(
        rows.map(({ file }) => file),
        {
          looked: (row, body) => takeBody(rows[row], body),
          gone: (directories) => leave(rows, directories),
        },
      );
      const left = waiting.filter(({ summary }) => summary === undefined);
      if (left.length === waiting.length) return;
      waiting = left;
    }
  }
}

function takeBody(entry: Entry | undefined, body: Buffer): void {
  if (entry) entry.summary = readLook(fileOf(entry.file), body) ?? unread(entry.file);
}

/** One row all the same. Whether there is a conversation in it is not known, but nobody here could resume it. */
const unread = (file: ListedFile): TranscriptSummary => ({
  ...nameOf(fileOf(file)),
  hasConversation: false,
  directories: [],
  unread: true,
});

/** Puts the last directory that is there last: a session goes on where it can. */
function leave(entries: Entry[], gone: string[]): void {
  const missing = new Set(gone);
  for (const { summary } of entries) {
    if (!summary || !missing.has(summary.directories.at(-1) ?? '')) continue;
    const there = summary.directories.findLast((directory) => !missing.has(directory));
    if (there !== undefined)
      summary.directories = [...summary.directories.filter((directory) => directory !== there), there];
  }
}
