import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { parseSessionId } from '../../model/names';
import type { RunReading } from '../../model/run/run';
import { ask } from '../claude/probe/ask';
import { aloneScript } from '../claude/probe/probeScript';
import type { Section } from '../claude/probe/sections';
import { parseAnswer } from './parse';
import { runScript } from './runScript';

/**
 * One run as its host has it now; undefined where there is none of that id. One round trip. Throws `UserError` where its
 * files cannot be read, and as `ask` does.
 */
export async function readRun(
  host: Host,
  runId: string,
  signal?: AbortSignal,
): Promise<RunReading | undefined> {
  const id = parseSessionId(runId);
  if (id === undefined) throw new UserError(`"${runId.slice(0, 80)}" is no run.`, 'Runs have a UUID.');
  const sections: Section[] = [];
  await ask(host, aloneScript(runScript), ['', '', id], { subject: 'a run', signal }, (section) =>
    sections.push({ ...section, body: Buffer.from(section.body) }),
  );
  const told = parseAnswer(sections)?.runs.find((run) => run.id === id);
  if (told && !told.reading)
    throw new UserError(
      `The order of run ${id} on ${host.name} cannot be read.`,
      'Start it anew, or update Task Sessions.',
    );
  return told?.reading;
}
