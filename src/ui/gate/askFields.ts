import * as vscode from 'vscode';
import { UserError } from '../../model/errors';
import { fillFields, type FieldValues, type RequiredField } from '../../model/gate/approval/requiredField';

/** Asks for what a transition's screen asks for, one field after another. Undefined: given up. */
export async function askFields(
  fields: readonly RequiredField[],
  title: string,
): Promise<FieldValues | undefined> {
  const values: Record<string, string | readonly string[]> = {};
  for (const [at, field] of fields.entries()) {
    const step = fields.length > 1 ? ` (${at + 1}/${fields.length})` : '';
    const value = await ask(field, `${title}${step}`);
    if (value === undefined) return undefined;
    values[field.id] = value;
  }
  return values;
}

async function ask(field: RequiredField, title: string): Promise<string | readonly string[] | undefined> {
  switch (field.kind) {
    case 'option':
    case 'options':
      return choose(field, title);
    case 'text':
    case 'paragraph':
    case 'number':
    case 'date':
    case 'user':
      return vscode.window.showInputBox({
        title,
        prompt: `${field.name}${field.kind === 'date' ? ', as 2026-08-24' : ''}`,
        value: field.kind === 'user' ? (field.options?.[0]?.id ?? '') : '',
        ignoreFocusOut: true,
        validateInput: (text) => problemOf(field, text),
      });
    case 'unsupported':
      throw new UserError(
        `The transition asks for ${field.name}, which only Jira’s own screen can ask for.`,
        'Make the transition in Jira, then do this again.',
      );
  }
}

async function choose(
  { kind, name, options = [] }: RequiredField,
  title: string,
): Promise<string | readonly string[] | undefined> {
  const items = options.map(({ id, label }) => ({ label, id }));
  const common = { title, placeHolder: name, ignoreFocusOut: true };
  if (kind === 'option') return (await vscode.window.showQuickPick(items, common))?.id;
  const picked = await vscode.window.showQuickPick(items, { ...common, canPickMany: true });
  return picked && picked.length > 0 ? picked.map(({ id }) => id) : undefined;
}

/** Why a value does not do, as Jira's own screen would say. */
function problemOf(field: RequiredField, text: string): string | undefined {
  const filled = fillFields([field], { [field.id]: text });
  if (filled.kind === 'filled') return undefined;
  return filled.wrong[0] ?? `${field.name} is required.`;
}
