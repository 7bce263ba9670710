import { UserError } from '../model/errors';
import type { Task, TaskDoc } from '../model/task/task';
import { changeTimes, listDirectory, maxFileBytes, readFile, stat } from '../sources/git/objects/documents';
import type { Repositories } from './repositories';
import type { SnapshotStore } from './store';

export interface FileStat {
  kind: 'file' | 'directory';
  /** Bytes. */
  size: number;
  /** Epoch ms: that of the branch's head. */
  changedAt: number;
}

/** The files of the task branches, as far as a document's links may lead. */
export interface BranchFiles {
  stat(key: string, path: string): Promise<FileStat | undefined>;
  list(key: string, path: string): Promise<{ name: string; kind: FileStat['kind'] }[] | undefined>;
  read(key: string, path: string): Promise<Uint8Array | undefined>;
}

/** Documents straight from the branch, wherever its repository lies. */
export class Documents implements BranchFiles {
  /** By task, for the head that it was asked about last. */
  private readonly times = new Map<string, { head: string; times: ReadonlyMap<string, number> }>();

  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot'>,
    private readonly repositories: Repositories,
  ) {}

  async stat(key: string, path: string): Promise<FileStat | undefined> {
    const at = this.at(key);
    const entry = at && (await stat(at.host, at.place, at.head, path));
    if (!entry || (entry.kind !== 'file' && entry.kind !== 'directory')) return undefined;
    return { kind: entry.kind, size: entry.size ?? 0, changedAt: at.changedAt };
  }

  async list(key: string, path: string): Promise<{ name: string; kind: FileStat['kind'] }[] | undefined> {
    const at = this.at(key);
    const entries = at && (await listDirectory(at.host, at.place, at.head, path));
    return entries?.flatMap(({ path: full, kind }) =>
      kind === 'file' || kind === 'directory' ? [{ name: full.slice(full.lastIndexOf('/') + 1), kind }] : [],
    );
  }

  async read(key: string, path: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const at = this.at(key);
    if (!at) return undefined;
    const reading = await readFile(at.host, at.place, at.head, path, signal && { signal });
    switch (reading.kind) {
      case 'file':
        return reading.content;
      case 'missing':
        return undefined;
      case 'notFile':
        throw new UserError(
          `${path} is a ${reading.entry.kind}, not a file.`,
          'Check the branch out to look at it.',
        );
      case 'tooLarge':
        throw new UserError(
          `${path} is larger than ${Math.round(maxFileBytes / 1e6)} MB.`,
          'Check the branch out to open it.',
        );
      case 'absent':
        throw new UserError(`${path} is not in this partial clone.`, 'Fetch Task Branches brings it.');
    }
  }

  /** A document by its name, its path, or the beginning of its name. */
  find(task: Task, name: string): TaskDoc {
    const exact = task.docs.find((doc) => doc.path === name || doc.name === name);
    const similar = task.docs.filter((doc) => doc.name.startsWith(name));
    const doc = exact ?? (similar.length === 1 ? similar[0] : undefined);
    if (doc) return doc;
    const known = task.docs.map((one) => one.name).join(', ');
    throw new UserError(
      `${task.key} has no document "${name}".`,
      known ? `There are: ${known}.` : 'Its branch has no documents.',
    );
  }

  /** The file on this machine, where a working tree here has the branch checked out and is not behind what is shown. */
  workingFile(task: Task, path: string): string | undefined {
    const tree = task.checkout?.worktree;
    if (
      !tree ||
      task.checkout?.ref.startsWith('refs/remotes/') ||
      !this.repositories.placeOf(task)?.host.local
    )
      return undefined;
    return `${tree.directory}/${path}`;
  }

  /**
   * When each document changed last, epoch ms by path. Walks the history, so it is asked for a task that is looked at;
   * a head is asked about once.
   */
  async changeTimes(task: Task, signal?: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const at = this.at(task.key);
    if (!at) return new Map();
    const known = this.times.get(task.key);
    if (known?.head === at.head) return known.times;
    const times = await changeTimes(
      at.host,
      at.place,
      at.head,
      task.docs.map((doc) => doc.path),
      signal,
    );
    this.times.set(task.key, { head: at.head, times });
    return times;
  }

  private at(key: string) {
    const task = this.store.snapshot.tasks.find((one) => one.key === key);
    const where = task && this.repositories.placeOf(task);
    return (
      where &&
      task.checkout && { ...where, head: task.checkout.head, changedAt: task.checkout.committedAt ?? 0 }
    );
  }
}
