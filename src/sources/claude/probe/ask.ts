import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { newNonce, SectionReader } from './sections';
import type { Section } from './sections';

export interface AskOptions {
  /** What is asked for, in words. */
  subject: string;
  signal?: AbortSignal | undefined;
}

const timeoutMs = 60_000;
/** Sections are taken as they come, so that this is no memory; it only ends what never ends. */
const mostBytes = 1024 ** 3;

/**
 * Runs a script of ours, whose `$1` is the nonce of its headings, and hands over the sections of its answer while they
 * come, their bodies lent. Throws `HostError` as the host does, `UserError` where the answer was cut, and what `take`
 * throws.
 */
export async function ask(
  host: Host,
  script: string,
  args: readonly string[],
  { subject, signal }: AskOptions,
  take: (section: Section) => void,
): Promise<void> {
  const nonce = newNonce();
  let failure: unknown;
  const reader = new SectionReader(nonce, (section) => {
    try {
      if (failure === undefined) take(section);
    } catch (error) {
      failure = error;
    }
  });
  const { stderr } = await host.script(script, [nonce, ...args], {
    timeoutMs,
    maxBytes: mostBytes,
    onStdout: (bytes) => reader.push(bytes),
    ...(signal ? { signal } : {}),
  });
  const whole = reader.end();
  if (failure !== undefined) throw failure;
  if (!whole)
    throw new UserError(
      `${host.name} gave half an answer when asked for ${subject}.`,
      stderr.trim().slice(0, 300) || 'Try again.',
    );
}
