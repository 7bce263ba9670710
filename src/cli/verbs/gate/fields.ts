import { createInterface } from 'node:readline/promises';
import type { PlannedMove } from '../../../model/gate/approval/plannedMove';
import type { FieldValues, RequiredField } from '../../../model/gate/approval/requiredField';
import { plain, say } from '../../output';
import { UsageError } from '../../usage';

/** What goes into the fields of a transition's screen: what `--field NAME=VALUE` gave, and what a person is asked for. */
export async function fieldValues(
  given: unknown,
  move: PlannedMove,
  { asks, signal }: { asks: boolean; signal: AbortSignal },
): Promise<FieldValues> {
  const wanted = move.kind === 'way' ? move.fields : [];
  const values: Record<string, string[]> = {};
  for (const text of Array.isArray(given) ? given.map(String) : []) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw new UsageError(`--field takes NAME=VALUE, and not “${text}”.`);
    const field = wanted.find(
      (one) => one.id === name || one.name.toLowerCase() === name.trim().toLowerCase(),
    );
    // What Jira does not ask for now is of no use: where this is repeated, the issue is there already.
    if (field) (values[field.id] ??= []).push(value);
    else say(`Jira does not ask for ${name}; it is left out.`);
  }
  for (const field of asks ? wanted : []) if (!values[field.id]) values[field.id] = await ask(field, signal);
  return values;
}

const hints: Readonly<Partial<Record<RequiredField['kind'], string>>> = {
  date: ' (2026-08-24)',
  options: ' (with commas between them)',
  user: ' (account id)',
};

/** On stderr, so that stdout stays free for what the verb prints. */
async function ask({ name, kind, options = [] }: RequiredField, signal: AbortSignal): Promise<string[]> {
  if (kind === 'unsupported') return [];
  for (const { label } of options.slice(0, 50)) say(`  - ${label}`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${plain(name)}${hints[kind] ?? ''}: `, { signal });
    return kind === 'options' ? answer.split(',') : [answer];
  } finally {
    lines.close();
  }
}
