import * as vscode from 'vscode';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';

const longest = 120;

/** Asks for the user's own name of a session; answers it, empty to take it back, or undefined. */
export async function askName({ id, title = '' }: Session): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: `Rename Session ${shortId(id)}`,
    prompt: 'Your own name for it, in your lists only. Empty brings back what Claude calls it.',
    value: title,
    validateInput: (value) => {
      if (value.trim().length > longest) return `At most ${longest} characters.`;
      return /[\p{Cc}\p{Bidi_C}]/u.test(value) ? 'No line breaks or invisible characters.' : undefined;
    },
  });
  return name?.trim();
}
