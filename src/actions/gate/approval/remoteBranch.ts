import type { Host } from '../../../hosts/host';
import { plural } from '../../../model/describe';
import { errorLine, isCancelled, unlessAborted } from '../../../model/errors';
import type { RecordClaim } from '../../../model/record/record';
import { docsDirectoryFor, type Place } from '../../../model/task/repository';
import type { Settings } from '../../../model/settings';
import type { BranchReading, Task, TaskBranch, TaskDoc } from '../../../model/task/task';
import type { BranchReader } from '../../../sources/git/branches';
import { commitsLike, listCommits, uncommitted, type CommitLine } from '../../../sources/git/objects/commits';
import { remoteHead, type Fetcher } from '../../../sources/git/fetch';
import { remoteOf } from '../../../sources/git/refs';
import type { Repositories } from '../../repositories';
import { remoteUrl } from '../../../sources/git/remoteUrl';

export interface Refusal {
  reason: string;
  next: string;
}

/** The task's branch as its remote has it at this moment. */
export interface RemoteBranch {
  branch: string;
  /** Its head on the remote, full id; none where there is nothing to approve. */
  commit?: string;
  /** Documents at that commit. */
  docs: TaskDoc[];
  /** Expected documents that are not there. */
  missing: string[];
  warnings: string[];
  refused?: Refusal;
  /** Where it was read. */
  where?: { host: Host; place: Place; remote: string };
}

export interface RemoteBranchesOptions {
  settings: Pick<Settings, 'docs' | 'ssh'>;
  repositories: Pick<Repositories, 'names' | 'repository' | 'host' | 'placeOf'>;
  reader: BranchReader;
  fetcher: Pick<Fetcher, 'fetchNow' | 'state'>;
}

type Ask = { signal?: AbortSignal | undefined };
/** What tells which branch a task has, and where it was read last. */
export interface WantedBranch {
  key: string;
  claims: readonly RecordClaim[];
  known?: Task | undefined;
}

/** Reads task branches from their remotes, so that what is approved is what everybody has. */
export class RemoteBranches {
  constructor(private readonly options: RemoteBranchesOptions) {}

  /** Fetches the branch now and reads its head. What stands in the way is `refused`; rejects only when cancelled. */
  async read({ key, claims, known }: WantedBranch, { signal }: Ask = {}): Promise<RemoteBranch> {
    const { repositories } = this.options;
    const branch = repositories.names([{ key, claims: [...claims] }]).get(key);
    const nothing = { branch: branch ?? '', docs: [], missing: [], warnings: [] };
    if (branch === undefined)
      return { ...nothing, refused: { reason: `${key} has no usable branch name.`, next: 'Correct taskSessions.branchPattern.' } }; // prettier-ignore
    const answer = await repositories.repository(key);
    if (answer.kind === 'none') return { ...nothing, refused: answer };
    if (answer.kind === 'ambiguous')
      return {
        ...nothing,
        refused: {
          reason: `Several repositories could hold the branch of ${key}: ${answer.choices.map(({ name }) => name).join(', ')}.`,
          next: 'Name its project in taskSessions.repositories.',
        },
      };
    const last = known && repositories.placeOf(known)?.place;
    const isLast = (place: Place): boolean => place.host === last?.host && place.directory === last.directory;
    // Where it was read last is where it most likely is; the others follow in their order.
    const places = answer.places.toSorted((a, b) => Number(isLast(b)) - Number(isLast(a)));
    let refused: Refusal | undefined;
    for (const place of places) {
      const host = repositories.host(place.host);
      if (!host) continue;
      const others = places.filter((other) => other !== place);
      const found = await this.at(host, place, { key, branch, signal }).catch((error: unknown): Refusal => {
        if (isCancelled(error) || signal?.aborted) throw error;
        return {
          reason: `The branch ${branch} could not be read from its remote: ${errorLine(error)}`,
          next: 'Then approve again.',
        };
      });
      if (!('reason' in found))
        return { ...found, warnings: [...found.warnings, ...(await this.elsewhere(others, { key, branch, signal }))] }; // prettier-ignore
      // A place that says why is better than one that merely lacks the branch.
      refused ??= found;
    }
    return {
      ...nothing,
      refused: refused ?? {
        reason: `The repository of ${key} is on no host that is known here.`,
        next: 'Open its folder, or set its "directory" in taskSessions.repositories.',
      },
    };
  }

  /** The newest commits that came since, for a person to look at; none where this repository does not know. */
  async since(
    { where, commit }: RemoteBranch,
    from: string,
    { signal }: Ask = {},
  ): Promise<{ from?: string; commits: CommitLine[]; total: number }> {
    const none = { commits: [], total: 0 };
    if (!where || commit === undefined) return none;
    const { host, place } = where;
    try {
      const [id, ...more] = await commitsLike(host, place, from, signal);
      if (id === undefined || more.length > 0) return none;
      return { from: id, ...(await listCommits(host, place, { from: id, to: commit }, { signal })) };
    } catch (error) {
      if (isCancelled(error) || signal?.aborted) throw error;
      return none;
    }
  }

  /** True if no other commit of the repository begins so. */
  async isAlone({ where, commit }: RemoteBranch, prefix: string, { signal }: Ask = {}): Promise<boolean> {
    if (prefix === commit) return true;
    if (!where) return false;
    const found = await commitsLike(where.host, where.place, prefix, signal);
    return found.length === 1 && found[0] === commit;
  }

  /** Address of the remote that has the branch, for links. */
  async remoteUrl({ where }: RemoteBranch, { signal }: Ask = {}): Promise<string | undefined> {
    if (!where) return undefined;
    const { host, place, remote } = where;
    return remoteUrl(host, place.directory, remote, signal).catch(() => undefined);
  }

  private async at(
    host: Host,
    place: Place,
    { key, branch, signal }: Ask & { key: string; branch: string },
  ): Promise<RemoteBranch | Refusal> {
    const { settings, reader, fetcher } = this.options;
    // One that runs already may have asked before the newest commit came.
    if (fetcher.state(place).running) await unlessAborted(fetcher.fetchNow(host, place), signal);
    // Another remote of the clone may be what failed: that of the branch is asked below.
    const { error: unfetched } = await unlessAborted(fetcher.fetchNow(host, place), signal);
    const readings = await reader.read(host, place, [{ key, branch }], settings.docs, signal);
    const reading: BranchReading = readings.get(key) ?? { docs: [] };
    const { branch: found } = reading;
    const trouble = reading.error ?? unfetched;
    if (!found)
      return {
        reason: `There is no branch ${branch} in ${place.directory} on ${host.name}.${trouble ? ` ${trouble}` : ''}`,
        next: trouble
          ? 'Then approve again.'
          : "Start an analysis, or push the branch. A clone of one branch only sees it after: git remote set-branches origin '*'",
      };
    const remoteRef = found.ref.startsWith('refs/remotes/') ? found.ref : found.upstream?.ref;
    const remote = remoteRef === undefined ? undefined : remoteOf(remoteRef);
    const base = { branch, docs: [], missing: [], warnings: [] };
    const push = 'Push it (Commit and Push Documents), then approve again.';
    if (remoteRef === undefined || remote === undefined || found.upstream?.gone)
      return { ...base, refused: { reason: `${branch} is only in ${whereIs(found)}, not on its remote.`, next: push } }; // prettier-ignore
    const sshConfigFile = settings.ssh.configFile;
    const commit = await remoteHead(host, place, { remote, branch }, { sshConfigFile, signal });
    const where = { host, place, remote };
    if (commit === undefined)
      return {
        ...base,
        where,
        refused: { reason: `There is no ${branch} on ${remote} any more.`, next: 'Push it, or restore it there.' },
      }; // prettier-ignore
    const { docs, error: unread } = await reader.docsAt(host, place, key, commit, settings.docs, signal);
    const names = settings.docs.names;
    const missing = names.filter((name) => !docs.some((doc) => doc.name === name));
    const warnings = await this.uncommitted(host, found, { key, docs, missing, signal });
    const here = { branch, commit, docs, missing, where, warnings };
    const unpushed = await this.unpushed(host, place, found, remoteRef, signal);
    if (unread !== undefined)
      return { ...here, refused: { reason: `The documents of ${branch} could not be read: ${unfetched ?? unread}`, next: 'Then approve again.' } }; // prettier-ignore
    if (unpushed !== undefined) return { ...here, refused: { reason: unpushed, next: push } };
    if (missing.length > 0)
      return {
        ...here,
        refused: {
          reason: `${missing.length} of ${plural(names.length, 'document')} ${missing.length === 1 ? 'is' : 'are'} not on ${branch}: ${missing.join(', ')}.`,
          next: 'Let Claude write them (Start Analysis), or correct taskSessions.docs.names.',
        },
      };
    return here;
  }

  /** Which commits of the local branch the remote lacks, in words. */
  private async unpushed(
    host: Host,
    place: Place,
    found: TaskBranch,
    remoteRef: string,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const ahead = found.ref.startsWith('refs/heads/') ? (found.upstream?.ahead ?? 0) : 0;
    if (ahead === 0) return undefined;
    const { commits } = await listCommits(host, place, { from: remoteRef, to: found.ref }, { signal });
    return `${plural(ahead, 'commit')} of ${found.name} in ${whereIs(found)} ${ahead === 1 ? 'is' : 'are'} not pushed: ${commitList(commits, ahead)}.`;
  }

  /** Documents that lie changed in the branch's working tree: they are not what is approved. */
  private async uncommitted(
    host: Host,
    found: TaskBranch,
    {
      key,
      docs,
      missing,
      signal,
    }: Ask & { key: string; docs: readonly TaskDoc[]; missing: readonly string[] },
  ): Promise<string[]> {
    const tree = found.worktree?.directory;
    if (tree === undefined) return [];
    const folder = docsDirectoryFor(key, this.options.settings.docs.directory) ?? '';
    const paths = [
      ...docs.map(({ path }) => path),
      ...missing.map((name) => (folder ? `${folder}/${name}` : name)),
    ];
    try {
      const changed = await uncommitted(host, tree, paths, signal);
      return changed.length === 0
        ? []
        : [
            `Words that are not committed are not approved: ${changed.join(', ')} in ${tree} on ${host.name}.`,
          ];
    } catch (error) {
      if (isCancelled(error) || signal?.aborted) throw error;
      return [`Whether documents are changed in ${tree} is not known: ${errorLine(error)}`];
    }
  }

  /** Commits that other clones have not pushed. Those that do not answer say nothing. */
  private async elsewhere(
    places: readonly Place[],
    { key, branch, signal }: Ask & { key: string; branch: string },
  ): Promise<string[]> {
    const { repositories, reader, settings } = this.options;
    const found = await Promise.all(
      places.map(async (place) => {
        const host = repositories.host(place.host);
        const readings = host && (await reader.read(host, place, [{ key, branch }], settings.docs, signal));
        return readings?.get(key)?.branch;
      }),
    );
    return found.flatMap((one) => {
      const ahead = one?.ref.startsWith('refs/heads/') ? (one.upstream?.ahead ?? 0) : 0;
      return one && ahead > 0
        ? [`${whereIs(one)} has ${plural(ahead, 'commit')} that ${ahead === 1 ? 'is' : 'are'} not pushed.`]
        : [];
    });
  }
}

const whereIs = ({ directory, host }: TaskBranch): string => `${directory} on ${host}`;

/** `3f2c9d1a Dana: Correct the plan; …`. */
export function commitList(commits: readonly CommitLine[], total: number): string {
  const lines = commits.map(({ commit, author, subject }) => `${commit.slice(0, 8)} ${author}: ${subject}`);
  return [...lines, ...(total > lines.length ? [`and ${total - lines.length} more`] : [])].join('; ');
}
