import { checkBranch, checkClaude, checkDirectory, checkTranscript, checkTrust } from './hostChecks';
import type { Inquiry } from './inquiry';
import { findLife, freshReport, type KnownLife } from './life';
import { checkComments, checkDocs } from './taskChecks';

/** What a preflight comes to, where nothing stands in the way. */
export type Ready =
  /** Somebody holds the session, in a place that `life` names. */
  | { kind: 'alive'; life: Exclude<KnownLife, { kind: 'dead' }>; configDir?: string }
  /** It may be started again, or copied. */
  | {
      kind: 'free';
      /** Id as the transcript's file name spells it. */
      fileId: string;
      directory: string;
      claudePath: string;
      /** Absolute; only where it is not the account's own. */
      configDir?: string;
      /** Of the transcript; Claude itself does not restore `plan`. */
      permissionMode?: string;
    };

/**
 * Looks at everything that CONTRIBUTING's rules of identity ask before a session is resumed, and spawns nothing of it.
 * Throws `Refusal`; trouble that does not endanger the conversation is a failed check, and the resume goes on.
 */
export async function preflight(inquiry: Inquiry): Promise<Ready> {
  const { host, onCheck, fork } = inquiry;
  checkDocs(inquiry);
  const inFull = checkComments(inquiry);
  inFull.catch(() => undefined);
  const report = await freshReport(inquiry);
  onCheck({ check: 'host', ok: true, detail: `${host.name} answers` });

  const configDir = host.settings.configDir && { configDir: report.configDir };
  const life = await findLife(inquiry, report);
  const isAlive = life.kind !== 'dead';
  const { fileId, permissionMode } = await checkTranscript(inquiry, report, isAlive);
  if (isAlive && !fork) {
    await inFull;
    return { kind: 'alive', life, ...configDir };
  }
  const [directory, claudePath] = await Promise.all([checkDirectory(inquiry, report), checkClaude(inquiry)]);
  await Promise.all([checkTrust(inquiry, directory), checkBranch(inquiry, directory), inFull]);
  return {
    kind: 'free',
    fileId,
    directory,
    claudePath,
    ...configDir,
    ...(permissionMode !== undefined && { permissionMode }),
  };
}
