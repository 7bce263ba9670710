import * as vscode from 'vscode';
import { UserError } from '../../model/errors';
import { mayOpen, type OpenRules } from '../../model/links/openRule';

/**
 * Opens an address that came from outside, after the trust rule; throws UserError where it is no address of the web.
 * False where the user, asked, has left it.
 */
export type OpenAddress = (address: string) => Promise<boolean>;

/** `rules` as they are when something is opened. */
export const addressOpener =
  (rules: () => OpenRules): OpenAddress =>
  async (address) => {
    const answer = mayOpen(address, rules());
    switch (answer.kind) {
      case 'refused':
        throw new UserError(
          answer.why,
          'Nothing was opened. Correct it where it was written: in the comment, or in webTerminal of the host.',
        );
      case 'open':
        return openOutside(answer.url);
      case 'ask':
        return ask(answer);
    }
  };

async function ask({ url, host, why }: { url: string; host: string; why: string }): Promise<boolean> {
  const open = 'Open';
  const copy = 'Copy Address';
  const choice = await vscode.window.showWarningMessage(
    `Open ${host}?`,
    { modal: true, detail: `${why} The address was given by others:\n${clipped(url)}` },
    open,
    copy,
  );
  if (choice === copy) await vscode.env.clipboard.writeText(url);
  if (choice === open) await openOutside(url);
  return choice !== undefined;
}

const clipped = (url: string): string => (url.length > 400 ? `${url.slice(0, 400)}…` : url);

async function openOutside(url: string): Promise<true> {
  // As text, which VS Code takes: a Uri would decode what is encoded in it (microsoft/vscode#85930).
  await vscode.env.openExternal(url as unknown as vscode.Uri);
  return true;
}
