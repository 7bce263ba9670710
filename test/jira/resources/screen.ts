import type { Issue, ScreenField, Transition } from '../entities';
import { asObject, Refusal, type Call } from '../rest/answer';
import { adfProblem } from '../text/adfCheck';

/** What a transition asks for, as `expand=transitions.fields` tells it. */
export function screenView(screen: readonly ScreenField[]): Record<string, unknown> {
  return Object.fromEntries(
    screen.map((field) => {
      const { key, name, required, allowed, hasDefault = false } = field;
      const shown = allowed?.map(({ id, name: label }) => ({
        id,
        ...(schemaOf(field).type === 'option' || schemaOf(field).items === 'option' ? { value: label } : { name: label }),
      })); // prettier-ignore
      return [
        key,
        {
          required,
          schema: schemaOf(field),
          name,
          key,
          hasDefaultValue: hasDefault,
          operations: ['set'],
          ...(shown && { allowedValues: shown }),
        },
      ];
    }),
  );
}

const schemaOf = ({ key, schema }: ScreenField): NonNullable<ScreenField['schema']> =>
  schema ?? { type: key === 'resolution' ? 'resolution' : 'string', system: key };

/** Checks the fields of a transition, all at once as Jira does, and gives those that the issue has of its own kind. */
export function checkScreen(
  call: Call,
  { screen = [] }: Transition,
  given: Record<string, unknown>,
): { fields: Record<string, unknown>; custom: Record<string, unknown> } {
  const errors: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  const custom: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given))
    if (!screen.some((field) => field.key === key)) fields[key] = value;
  for (const field of screen) {
    const { key, name, required, hasDefault } = field;
    const value = given[key] ?? undefined;
    if (value === undefined) {
      if (required && !hasDefault) errors[key] = `${name} is required.`;
      continue;
    }
    const wrong = problemOf(call, field, value);
    if (wrong !== undefined) errors[key] = wrong;
    else if (key.startsWith('customfield_')) custom[key] = value;
    else fields[key] = named(field, value);
  }
  if (Object.keys(errors).length > 0) throw new Refusal({ status: 400, body: { errorMessages: [], errors } });
  return { fields, custom };
}

export function setCustom(issue: Issue, custom: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(custom)) issue.custom.set(key, structuredClone(value));
}

function problemOf(call: Call, field: ScreenField, value: unknown): string | undefined {
  const { type, items, custom } = schemaOf(field);
  const isOption = (one: unknown): boolean => {
    const { id, name, value: label } = asObject(one);
    return (field.allowed ?? []).some((known) => known.id === id || known.name === (name ?? label));
  };
  const notString = 'Operation value must be a string';
  switch (type) {
    case 'string':
      if (custom?.endsWith(':textarea') && call.version === 3)
        return adfProblem(value) === undefined ? undefined : 'Operation value must be an Atlassian Document (see the Atlassian Document Format)'; // prettier-ignore
      return typeof value === 'string' ? undefined : notString;
    case 'date':
      if (typeof value !== 'string') return notString;
      return /^\d{4}-\d\d-\d\d$/.test(value) ? undefined : `Error parsing date string: ${value}`;
    case 'number':
      return typeof value === 'number' ? undefined : 'Operation value must be a number';
    case 'user': {
      const who = asObject(value)[call.cloud ? 'accountId' : 'name'];
      const user = typeof who === 'string' ? call.state.findUser(who) : undefined;
      const isKnown = user && (call.cloud ? user.accountId : user.name) === who;
      return isKnown ? undefined : `User '${String(who)}' does not exist.`;
    }
    case 'array':
      if (!Array.isArray(value)) return 'data was not an array';
      return items === 'string' || value.every(isOption) ? undefined : 'Option id is not valid';
    default:
      return field.allowed === undefined || isOption(value)
        ? undefined
        : `Option id '${String(asObject(value)['id'])}' is not valid`;
  }
}

/** Jira's own fields are kept by name. */
function named({ allowed = [] }: ScreenField, value: unknown): unknown {
  const { id, ...rest } = asObject(value);
  const option = allowed.find((known) => known.id === id);
  return option ? { ...rest, id, name: option.name } : value;
}
