import { UserError } from '../../model/errors';
import type { ReviewMark } from '../../model/gate/review/reviewMark';
import type { Task, TaskDoc } from '../../model/task/task';
import { blobId, diffBlobs, readBlob, type Version } from '../../sources/git/objects/blobs';
import { jiraHost } from '../../sources/jira/connection';
import type { Ledger } from '../../state/ledger';
import type { Repositories } from '../repositories';
import type { SnapshotStore } from '../store';
import { isFullId } from '../../model/names';

/** What a document is compared with. */
export type Against = 'reviewed' | 'approved';

export type Baseline =
  /** Git's id of the version. */
  | { kind: 'version'; blob: string; content: Buffer }
  /** There is none, or it is not to be had any more; `isNew`: the document was not there then. */
  | { kind: 'none'; reason: string; next: string; isNew?: true };

export interface ReviewingOptions {
  store: Pick<SnapshotStore, 'snapshot' | 'reread'>;
  ledger: Pick<Ledger, 'markReviewed' | 'unmarkReviewed'>;
  repositories: Pick<Repositories, 'placeOf'>;
  account: { readonly state: { url?: string } };
  now?(): number;
}

/** Which versions of documents this person has read, and those versions themselves. */
export class Reviewing {
  constructor(private readonly options: ReviewingOptions) {}

  /** Notes that these versions were read, whether or not newer ones have come meanwhile. */
  async mark(task: Task, versions: readonly Pick<TaskDoc, 'path' | 'blob'>[]): Promise<void> {
    const { ledger, store, now = Date.now } = this.options;
    const at = now();
    const marks = versions.map(({ path, blob }): ReviewMark => {
      const isCurrent = task.docs.some((doc) => doc.path === path && doc.blob === blob);
      return { ...this.of(task, path), blob, ...(isCurrent && task.head && { commit: task.head }), at };
    });
    await ledger.markReviewed(marks);
    await store.reread();
  }

  async unmark(task: Task, paths: readonly string[]): Promise<void> {
    await this.options.ledger.unmarkReviewed(paths.map((path) => this.of(task, path)));
    await this.options.store.reread();
  }

  /** The version that was reviewed or approved last: as long as git has it, also after the branch was rewritten. */
  async baseline(
    task: Task,
    doc: Pick<TaskDoc, 'name' | 'path' | 'review'>,
    against: Against,
    signal?: AbortSignal,
  ): Promise<Baseline> {
    const wanted = against === 'reviewed' ? reviewedVersion(doc) : approvedVersion(task, doc);
    if (wanted.kind === 'none') return wanted;
    const { host, place } = this.placeOf(task);
    const reading = await readBlob(host, place, wanted.version, { signal });
    if (reading.kind === 'blob') return { kind: 'version', blob: reading.id, content: reading.content };
    return {
      kind: 'none',
      reason:
        reading.kind === 'tooLarge'
          ? `The version of ${doc.name} that was ${against} is too large to compare.`
          : `The version of ${doc.name} that was ${against} is not in ${place.directory} on ${place.host} any more.`,
      next: 'Read the document as a whole.',
    };
  }

  /** A version by its id, where the task's repository has it. */
  async content(task: Task, blob: string, signal?: AbortSignal): Promise<Buffer | undefined> {
    const { host, place } = this.placeOf(task);
    const reading = await readBlob(host, place, { blob }, { signal });
    return reading.kind === 'blob' ? reading.content : undefined;
  }

  /** Unified diff of two versions that are there, under the document's own name. */
  async diff(task: Task, doc: TaskDoc, before: string, signal?: AbortSignal): Promise<string> {
    const { host, place } = this.placeOf(task);
    const hunks = await diffBlobs(host, place, before, doc.blob, signal);
    return hunks && `--- a/${doc.path}\n+++ b/${doc.path}\n${hunks}`;
  }

  /**
   * The version that a text shows: the branch's own, or an earlier one that git has; undefined where it was edited.
   * Line ends and a byte order mark are the editor's business.
   */
  async versionOf(task: Task, doc: TaskDoc, text: string, signal?: AbortSignal): Promise<string | undefined> {
    const ids = [text, text.replaceAll('\r\n', '\n')].map((one) => blobId(Buffer.from(one), doc.blob));
    if (ids.includes(doc.blob)) return doc.blob;
    const current = await this.content(task, doc.blob, signal);
    if (current && sameText(current.toString('utf8'), text)) return doc.blob;
    for (const id of new Set(ids)) if (await this.content(task, id, signal)) return id;
    return undefined;
  }

  private of({ key }: Task, path: string): Pick<ReviewMark, 'jira' | 'key' | 'path'> {
    const jira = jiraHost(this.options.account.state.url);
    return { ...(jira !== undefined && { jira }), key, path };
  }

  private placeOf(task: Task) {
    const where = this.options.repositories.placeOf(task);
    if (where) return where;
    throw new UserError(
      `The branch of ${task.key} is not in any repository that is read now.`,
      task.branchError ?? 'Fetch Task Branches asks the remotes.',
    );
  }
}

interface Wanted {
  kind: 'wanted';
  version: Version;
}

type None = Baseline & { kind: 'none' };

const reviewedVersion = ({ name, review }: Pick<TaskDoc, 'name' | 'review'>): Wanted | None =>
  review?.blob === undefined
    ? { kind: 'none', reason: `${name} was never marked as reviewed.`, next: 'Read it as a whole.' }
    : { kind: 'wanted', version: { blob: review.blob } };

function approvedVersion(
  { key, approval }: Task,
  { name, path }: Pick<TaskDoc, 'name' | 'path'>,
): Wanted | None {
  if (!approval)
    return { kind: 'none', reason: `${key} has no approval that counts.`, next: 'Compare with what you reviewed.' }; // prettier-ignore
  const { commit, documents } = approval;
  const line = documents?.find((one) => one.path === path);
  if (documents && !line)
    return { kind: 'none', reason: `${name} was not among the documents that were approved.`, next: 'Read it as a whole.', isNew: true }; // prettier-ignore
  const isWhole = line !== undefined && isFullId(line.blob);
  return { kind: 'wanted', version: isWhole ? { blob: line.blob } : { commit, path } };
}

const plainText = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
const sameText = (a: string, b: string): boolean => plainText(a) === plainText(b);
