import { z } from 'zod';
import type { FilledField, RequiredField } from '../../../model/gate/approval/requiredField';
import { displayText } from '../../../util/displayText';

export interface Transition {
  id: string;
  name: string;
  /** Status that it leads to. */
  to: string;
  /** What its screen asks for, without a default. */
  fields: RequiredField[];
}

const name = z.string().transform((text) => displayText(text).slice(0, 200));
const transitions = z.looseObject({ transitions: z.array(z.unknown()) });
const transition = z.looseObject({
  id: z.string().regex(/^\d{1,20}$/),
  name,
  to: z.looseObject({ name }),
  fields: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const fieldId = /^[A-Za-z][\w.-]{0,99}$/;
const field = z.looseObject({
  required: z.boolean().catch(false),
  hasDefaultValue: z.boolean().optional().catch(undefined),
  name,
  schema: z
    .looseObject({
      type: z.string().catch(''),
      items: z.string().optional().catch(undefined),
      system: z.string().optional().catch(undefined),
      custom: z.string().optional().catch(undefined),
    })
    .catch({ type: '' }),
  allowedValues: z.array(z.unknown()).optional().catch(undefined),
});

/** Custom options have a value, everything else a name. */
const option = z
  .looseObject({
    id: z.string().regex(/^[\w.:-]{1,100}$/),
    value: name.optional().catch(undefined),
    name: name.optional().catch(undefined),
    disabled: z.boolean().optional().catch(undefined),
    archived: z.boolean().optional().catch(undefined),
  })
  .transform(({ id, value, name, disabled, archived }) => ({
    id,
    label: value ?? name ?? id,
    gone: disabled === true || archived === true,
  }));

const mostFields = 30;
const mostOptions = 1000;

export function parseTransitions(raw: unknown): Transition[] {
  const list = transitions.safeParse(raw).data?.transitions ?? [];
  return list.flatMap((entry) => {
    const parsed = transition.safeParse(entry).data;
    if (!parsed) return [];
    const { id, name, to, fields = {} } = parsed;
    return [
      { id, name, to: to.name, fields: Object.entries(fields).flatMap(parseField).slice(0, mostFields) },
    ];
  });
}

function parseField([id, raw]: [string, unknown]): RequiredField[] {
  const parsed = field.safeParse(raw).data;
  // What cannot be read cannot be asked for; Jira says what it misses.
  if (!parsed?.required || parsed.hasDefaultValue || !fieldId.test(id)) return [];
  const kind = kindOf(parsed.schema, parsed.allowedValues !== undefined);
  const options = (parsed.allowedValues ?? [])
    .slice(0, mostOptions)
    .flatMap((value) => option.safeParse(value).data ?? [])
    .flatMap(({ id, label, gone }) => (gone ? [] : [{ id, label }]));
  return [
    {
      id,
      name: parsed.name,
      kind,
      ...((kind === 'option' || kind === 'options') && { options }),
    },
  ];
}

type Schema = z.infer<typeof field>['schema'];

/** Cascading options, sprints, links, files and whatever an app brings have screens of their own. */
function kindOf({ type, items, system, custom }: Schema, isChoice: boolean): RequiredField['kind'] {
  switch (type) {
    case 'string': {
      if (isChoice) return 'unsupported';
      const isLong = system === 'description' || system === 'environment' || custom?.endsWith(':textarea');
      return isLong ? 'paragraph' : 'text';
    }
    case 'number':
    case 'date':
    case 'user':
      return type;
    case 'option':
    case 'resolution':
    case 'priority':
    case 'version':
    case 'component':
      return isChoice ? 'option' : 'unsupported';
    case 'array':
      return isChoice && ['option', 'version', 'component'].includes(items ?? '') ? 'options' : 'unsupported';
    default:
      return 'unsupported';
  }
}

/** Fields as Jira takes them: users and long texts differ between Cloud (ADF) and Data Center (wiki). */
export function encodeFields(
  fields: readonly FilledField[],
  format: 'adf' | 'wiki',
): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.id, encode(field, format)]));
}

function encode({ kind, values }: FilledField, format: 'adf' | 'wiki'): unknown {
  const [value = ''] = values;
  switch (kind) {
    case 'text':
    case 'date':
      return value;
    case 'paragraph':
      return format === 'adf' ? paragraphs(value) : value;
    case 'number':
      return Number(value);
    case 'option':
      return { id: value };
    case 'options':
      return values.map((id) => ({ id }));
    case 'user':
      return format === 'adf' ? { accountId: value } : { name: value };
  }
}

const paragraphs = (text: string) => ({
  type: 'doc',
  version: 1,
  content: text.split(/\r?\n/).map((line) => ({
    type: 'paragraph',
    content: line.trim() === '' ? [] : [{ type: 'text', text: line }],
  })),
});
