import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import { keptCopies, type KeptAnswer, type KeptHow } from '../../sources/claude/kept/keptCopies';
import { unknownHost } from './resume/refusal';

export interface KeptCopy {
  how: KeptHow;
  /** Below the store, as `KeptTranscript.path`. */
  path: string;
  /** Bytes of the copy. */
  size: number;
}

type Kept = Pick<Session, 'id' | 'host'>;

/**
 * Copies of transcripts, kept where Claude's own clean-up does not reach. A copy lies on the session's host, in our state
 * directory of that account, readable by it alone: who loses the host loses the copy too. Nothing of Claude's is
 * changed, but for the file that `putBack` creates. The caller refreshes afterwards.
 */
export class Keeping {
  constructor(private readonly hosts: readonly Host[]) {}

  /**
   * Copies the transcript as it stands, and what lies beside it, sub-agents and titles. Again later: the copy grows with
   * the transcript; one that is no continuation of the copy is kept besides it. Throws UserError.
   */
  async keep(session: Kept, signal?: AbortSignal): Promise<KeptCopy> {
    const host = this.host(session);
    let answers: KeptAnswer[] = [];
    // Two windows may keep one session at once: the later one looks at the copy of the other.
    for (let attempt = 0; attempt < 5; attempt++) {
      answers = await keptCopies(host, 'keep', session.id, signal);
      if (!answers.some(({ kind }) => kind === 'busy')) break;
    }
    refuseHalf(answers, session, 'kept');
    if (answers.some(({ kind }) => kind === 'changed'))
      throw new UserError(
        `The transcript of ${shortId(session.id)} became shorter while it was copied.`,
        'Keep it again.',
      );
    // Of copies in several projects, the one that holds most.
    const copies = answers.filter((answer) => answer.kind === 'kept').sort((a, b) => b.size - a.size);
    const [copy] = copies;
    if (!copy)
      throw new UserError(
        `${host.name} has no transcript of ${shortId(session.id)}.`,
        'There is nothing to keep; a copy that was made before is still there.',
      );
    const { how, path, size } = copy;
    return { how, path, size };
  }

  /**
   * Makes the session resumable again from its newest copy, in the project it was in. Never overwrites: if any project
   * of the host has a transcript of that id, it throws. Returns the path of the transcript on the host.
   */
  async putBack(session: Kept, signal?: AbortSignal): Promise<{ path: string }> {
    const host = this.host(session);
    const answers = await keptCopies(host, 'putBack', session.id, signal);
    const there = answers.find((answer) => answer.kind === 'there');
    if (there)
      throw new UserError(
        `The transcript of ${shortId(session.id)} is still there: ${there.path} on ${host.name}.`,
        'Resume the session; there is nothing to put back.',
      );
    const late = answers.find((answer) => answer.kind === 'late');
    if (late)
      throw new UserError(
        `Somebody just put ${shortId(session.id)} back: ${late.path} on ${host.name}.`,
        'Resume the session.',
      );
    refuseHalf(answers, session, 'put back');
    const back = answers.find((answer) => answer.kind === 'back');
    if (!back)
      throw new UserError(
        `${host.name} has no copy of ${shortId(session.id)}.`,
        'Only sessions that were kept there can be put back.',
      );
    return { path: back.path };
  }

  /** Removes every copy of the session; the caller has asked the user. False where there was none. */
  async drop(session: Kept, signal?: AbortSignal): Promise<boolean> {
    const answers = await keptCopies(this.host(session), 'drop', session.id, signal);
    return answers.some(({ kind }) => kind === 'dropped');
  }

  private host(session: Kept): Host {
    const host = this.hosts.find(({ name }) => name === session.host);
    if (host) return host;
    const { reason, next } = unknownHost(session.host);
    throw new UserError(reason, next);
  }
}

function refuseHalf(answers: readonly KeptAnswer[], session: Kept, done: string): void {
  const full = answers.find((answer) => answer.kind === 'full');
  if (full)
    throw new UserError(
      `${session.host} has no room for the ${megabytes(full.needed)} of ${shortId(session.id)}: ${megabytes(full.free)} are free.`,
      'Free some space there, then try again.',
    );
  const failed = answers.find((answer) => answer.kind === 'failed');
  if (failed)
    throw new UserError(
      `The transcript of ${shortId(session.id)} could not be ${done} on ${session.host}${failed.why && `: ${failed.why}`}.`,
      'Look at the disk and the permissions of that account.',
    );
}

const megabytes = (bytes: number): string => `${Math.max(1, Math.ceil(bytes / 1024 ** 2))} MB`;
