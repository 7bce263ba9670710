import { transcriptsOf } from '../../../../model/session/liveness';
import type { Session } from '../../../../model/session/session';
import { sizeText } from '../../../../model/size';
import type { Snapshot } from '../../../../model/task/task';
import type { HostReport } from '../../../../model/session/transcript';
import { findClaude } from '../../../../sources/claude/launch/findClaude';
import {
  lastExistingDirectory,
  locateTranscript,
  trustState,
} from '../../../../sources/claude/launch/preflight';
import { readHead } from '../../../../sources/git/head';
import { asking, type Inquiry } from '../inquiry';
import { Refusal } from '../refusal';
import { addRoot, allowedDirectory } from './roots';

/** Present, with a conversation in it, and the only one of its id; throws `Refusal` else. */
export async function checkTranscript(
  inquiry: Inquiry,
  report: HostReport,
  isAlive: boolean,
): Promise<{ fileId: string; permissionMode?: string }> {
  const { session, host, onCheck, snapshot, fork } = inquiry;
  const found = await locateTranscript(host, session.id, asking(inquiry));
  const fail = (detail: string, fix: string): never => {
    onCheck({ check: 'transcript', ok: false, detail, fix });
    throw new Refusal(detail, fix, ['startFromDocuments']);
  };
  const [first] = found;
  // A session that was just started has no file until its first prompt; to look at it none is needed.
  if (!first) {
    if (isAlive && !fork) {
      onCheck({ check: 'transcript', ok: true, detail: 'none yet: the session has just started' });
      return { fileId: session.id };
    }
    const elsewhere = otherHosts(snapshot, session).map((one) => one.host);
    return fail(
      `${host.name} has no transcript of this session.`,
      elsewhere.length > 0
        ? `It is on ${elsewhere.join(', ')}: resume it there.`
        : 'Claude deletes transcripts after some weeks. A new session can start from the documents.',
    );
  }
  if (!isAlive && !found.some((one) => one.hasConversation))
    fail(
      'Its transcript holds no conversation, so Claude would not find it.',
      'Start a new session from the documents.',
    );
  if (found.length > 1)
    fail(
      `${host.name} has ${found.length} transcripts with this id: ${found.map((one) => one.path).join(', ')}.`,
      'Claude would take one by chance. Move the copies away, then resume.',
    );
  onCheck({
    check: 'transcript',
    ok: true,
    detail: `${sizeText(first.size)} in ${first.path}`,
  });
  const permissionMode = transcriptsOf(session.id, report)[0]?.permissionMode;
  return {
    fileId: first.path.replace(/^.*\/|\.jsonl$/g, ''),
    ...(permissionMode !== undefined && { permissionMode }),
  };
}

/** The same session on other hosts, as far as the picture knows. */
export const otherHosts = (snapshot: Snapshot, session: Session): Session[] =>
  snapshot.sessions.filter(
    (one) => one.id === session.id && one.host !== session.host && one.state !== 'missing',
  );

/** Where the session worked last, as far as it still exists: its transcript says where, a record is a hint only. */
export async function checkDirectory(inquiry: Inquiry, report: HostReport): Promise<string> {
  const { session, host, onCheck, signal } = inquiry;
  const own = transcriptsOf(session.id, report)[0]?.directories ?? [];
  const wanted = [...(await hinted(inquiry, own)), ...own];
  const last = wanted.at(-1);
  const found = await lastExistingDirectory(host, wanted, signal && { signal });
  if (found !== undefined && found === last) {
    onCheck({ check: 'directory', ok: true, detail: found });
    return found;
  }
  const directory = found ?? report.home;
  // Where only a record named one, it was said already why that is not used.
  if (last !== undefined || session.directory === undefined)
    onCheck({
      check: 'directory',
      ok: false,
      detail: `${last ?? 'Its directory'} does not exist any more; ${found === undefined ? 'none of its others does either' : 'an earlier one does'}`,
      fix: `It resumes in ${directory}.`,
    });
  return directory;
}

/** The directory that the transcript does not know: a record's, which counts only under the host's roots. */
async function hinted(
  { session: { directory }, host, roots, onCheck, signal }: Inquiry,
  own: readonly string[],
): Promise<string[]> {
  if (directory === undefined || own.includes(directory)) return [];
  if ((await allowedDirectory(host, directory, roots, signal)) !== 'outside') return [directory];
  onCheck({
    check: 'directory',
    ok: false,
    detail: `${directory} is outside of the directories that records may name on ${host.name}, and is left out`,
    fix: `To use it, ${addRoot(host)}.`,
  });
  return [];
}

/** What the checks of a host need that no session is asked for. */
type Asked = Pick<Inquiry, 'host' | 'onCheck' | 'signal'>;

/** The absolute path of a claude that is new enough; throws `Refusal` where there is none. */
export async function checkClaude({ host, onCheck, signal }: Asked): Promise<string> {
  const found = await findClaude(host, signal);
  const refuse = (detail: string, next: string): never => {
    onCheck({ check: 'claude', ok: false, detail, fix: next });
    throw new Refusal(detail, next, ['retry']);
  };
  switch (found.kind) {
    case 'found':
      onCheck({
        check: 'claude',
        ok: found.warning === undefined,
        detail: `${found.path} ${found.version}`,
        ...(found.warning !== undefined && { fix: found.warning }),
      });
      return found.path;
    case 'missing':
      return refuse(`There is no claude on ${host.name}.`, found.next);
    case 'tooOld':
      return refuse(
        `${found.path} on ${host.name} is version ${found.version}, which resumes under another id.`,
        found.next,
      );
    case 'broken':
      return refuse(
        `${found.path} on ${host.name} does not run: ${found.detail || 'it says nothing'}.`,
        found.next,
      );
  }
}

export async function checkTrust(inquiry: Asked, directory: string): Promise<void> {
  const state = await trustState(inquiry.host, directory, asking(inquiry));
  if (state === 'untrusted')
    inquiry.onCheck({
      check: 'trust',
      ok: false,
      detail: `Claude has not been told yet to trust ${directory}`,
      fix: 'It will ask in the terminal; the answer is yours.',
    });
}

export async function checkBranch(
  { host, session, task, onCheck, signal }: Inquiry,
  directory: string,
): Promise<void> {
  const expected = session.branch ?? task?.branch;
  if (expected === undefined) return;
  const head = await readHead(host, directory, signal);
  if (head === undefined) return;
  onCheck(
    head === expected
      ? { check: 'branch', ok: true, detail: expected }
      : {
          check: 'branch',
          ok: false,
          detail: `${directory} is on ${head}, the session was on ${expected}`,
          fix: 'Claude goes on with the files that are there; check the branch out first if it should see its own.',
        },
  );
}
