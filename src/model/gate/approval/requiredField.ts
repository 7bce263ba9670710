/** A field that a transition's screen asks for, without a default. */
export interface RequiredField {
  id: string;
  name: string;
  /** `unsupported`: only Jira's own screen can ask for it. */
  kind: 'text' | 'paragraph' | 'number' | 'date' | 'option' | 'options' | 'user' | 'unsupported';
  /** What can be chosen; for a `user` only who asks, since any other id will do too. */
  options?: { id: string; label: string }[];
}

/** By the field's id: text, a number, a date as `2026-08-24`, an option's id or label, or several. */
export type FieldValues = Readonly<Record<string, string | readonly string[]>>;

/** A required field with what goes into it: options by their ids. */
export interface FilledField {
  id: string;
  kind: Exclude<RequiredField['kind'], 'unsupported'>;
  values: string[];
}

/** Every required field with its value, or what is missing and what is wrong with what was given, one line each. */
export type FilledFields =
  { kind: 'filled'; fields: FilledField[] } | { kind: 'open'; missing: RequiredField[]; wrong: string[] };

/** Text of a person is bounded as Jira bounds it. */
const maxText = 30_000;

/** Puts what a person gave into the fields that are asked for. What no field asks for is left out. */
export function fillFields(required: readonly RequiredField[], given: FieldValues): FilledFields {
  const fields: FilledField[] = [];
  const missing: RequiredField[] = [];
  const wrong: string[] = [];
  for (const field of required) {
    const values = [Object.hasOwn(given, field.id) ? (given[field.id] ?? []) : []]
      .flat()
      .map((text) => text.trim())
      .filter(Boolean);
    if (values.length === 0 || field.kind === 'unsupported') {
      missing.push(field);
      continue;
    }
    const read = readValues(field, values);
    if (typeof read === 'string') wrong.push(`${field.name}: ${read}`);
    else fields.push({ id: field.id, kind: field.kind, values: read });
  }
  return missing.length + wrong.length > 0 ? { kind: 'open', missing, wrong } : { kind: 'filled', fields };
}

/** The values as Jira is to get them, or what is wrong with them. */
function readValues({ kind, options = [] }: RequiredField, values: string[]): string[] | string {
  const [value = '', ...more] = values;
  if (more.length > 0 && kind !== 'options') return 'takes one value.';
  switch (kind) {
    case 'text':
      return /[\r\n]/.test(value) ? 'takes one line.' : value.length > 255 ? 'is too long.' : values;
    case 'paragraph':
      return value.length > maxText ? 'is too long.' : values;
    case 'number':
      return Number.isFinite(Number(value)) ? values : `“${value}” is no number.`;
    case 'date':
      return isDate(value) ? values : `“${value}” is no date like 2026-08-24.`;
    case 'user': {
      const known = optionOf(options, value);
      return [known ?? value];
    }
    case 'option':
    case 'options': {
      const ids = values.map((one) => optionOf(options, one));
      const unknown = values.filter((_, at) => ids[at] === undefined);
      const known = options.slice(0, 10).map(({ label }) => label);
      if (unknown.length > 0)
        return `there is no “${unknown.join('”, “')}”, but ${known.join(', ')}${options.length > known.length ? ', …' : ''}.`;
      return [...new Set(ids.filter((id) => id !== undefined))];
    }
    case 'unsupported':
      return 'cannot be given here.';
  }
}

/** By id, else by a label that only one option has. */
function optionOf(options: readonly { id: string; label: string }[], text: string): string | undefined {
  if (options.some(({ id }) => id === text)) return text;
  const same = options.filter(({ label }) => label.toLowerCase() === text.toLowerCase());
  return same.length === 1 ? same[0]?.id : undefined;
}

/** A day that the calendar has. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
