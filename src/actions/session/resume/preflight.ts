import type { HostReport } from '../../../model/session/transcript';
import { checkContinuation } from './continuation';
import { checkBranch, checkClaude, checkDirectory, checkTranscript, checkTrust } from './checks/hostChecks';
import type { Inquiry } from './inquiry';
import { findLife, freshReport, type KnownLife } from './life';
import { checkComments, checkDocs } from './checks/taskChecks';

/** Somebody holds the session, in a place that `life` names. */
export interface Alive {
  kind: 'alive';
  life: Exclude<KnownLife, { kind: 'dead' }>;
  configDir?: string;
}

/** It may be started again, or copied. */
export interface Free {
  kind: 'free';
  /** Id as the transcript's file name spells it. */
  fileId: string;
  directory: string;
  claudePath: string;
  /** Absolute; only where it is not the account's own. */
  configDir?: string;
  /** Of the transcript; Claude itself does not restore `plan`. */
  permissionMode?: string;
}

/**
 * Looks at everything that CONTRIBUTING's rules of identity ask before a session is resumed, and spawns nothing of it.
 * Throws `Refusal`; trouble that does not endanger the conversation is a failed check, and the resume goes on.
 */
export async function preflight(inquiry: Inquiry): Promise<Alive | Free> {
  const looked = await look(inquiry);
  const { life, configDir, comments } = looked;
  if (life.kind === 'dead') {
    checkContinuation(inquiry);
    return free(inquiry, looked);
  }
  await comments;
  return { kind: 'alive', life, ...configDir };
}

/** The same before a copy is made of it, for which it does not matter whether somebody holds the original. */
export async function preflightFork(inquiry: Inquiry): Promise<Free> {
  const forking = { ...inquiry, fork: true };
  return free(forking, await look(forking));
}

interface Looked {
  report: HostReport;
  life: KnownLife;
  fileId: string;
  permissionMode?: string;
  configDir: { configDir: string } | undefined;
  /** Rejects with a `Refusal`; the others need not wait for it. */
  comments: Promise<void>;
}

async function look(inquiry: Inquiry): Promise<Looked> {
  const { host, onCheck } = inquiry;
  checkDocs(inquiry);
  const comments = checkComments(inquiry);
  comments.catch(() => undefined);
  const report = await freshReport(inquiry);
  onCheck({ check: 'host', ok: true, detail: `${host.name} answers` });

  const configDir = host.settings.configDir ? { configDir: report.configDir } : undefined;
  const life = await findLife(inquiry, report);
  const transcript = await checkTranscript(inquiry, report, life.kind !== 'dead');
  return { report, life, configDir, comments, ...transcript };
}

async function free(
  inquiry: Inquiry,
  { report, fileId, permissionMode, configDir, comments }: Looked,
): Promise<Free> {
  const [directory, claudePath] = await Promise.all([checkDirectory(inquiry, report), checkClaude(inquiry)]);
  await Promise.all([checkTrust(inquiry, directory), checkBranch(inquiry, directory), comments]);
  return {
    kind: 'free',
    fileId,
    directory,
    claudePath,
    ...configDir,
    ...(permissionMode !== undefined && { permissionMode }),
  };
}
