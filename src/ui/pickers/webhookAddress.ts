import * as vscode from 'vscode';
import { errorLine, UserError } from '../../model/errors';
import type { Settings } from '../../model/settings';
import { parseWebhookAddress, type WebhookAddresses } from '../../sources/webhooks/addresses';

/** Asks for the address of a configured webhook and keeps it; shows no more of one than its host. */
export async function askWebhookAddress(
  { webhooks }: Pick<Settings, 'webhooks'>,
  addresses: WebhookAddresses,
): Promise<void> {
  const names = Object.keys(webhooks);
  if (names.length === 0)
    throw new UserError('No webhook is configured.', 'Name one in taskSessions.webhooks first.');
  const items = await Promise.all(
    names.map(async (label) => ({
      label,
      description: webhooks[label]?.kind ?? '',
      detail: (await hostOf(label, addresses)) ?? 'no address yet',
    })),
  );
  const title = 'Set Webhook Address';
  const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title });
  if (!chosen) return;
  const name = chosen.label;
  const text = await vscode.window.showInputBox({
    title: `${title}: ${name}`,
    prompt: `Address of the ${chosen.description} webhook (${chosen.detail}); empty removes it`,
    placeHolder: 'https://',
    password: true,
    // It is copied from a browser: the input must not vanish when the window loses focus.
    ignoreFocusOut: true,
    validateInput: (value) => {
      try {
        if (value.trim() !== '') parseWebhookAddress(value);
        return undefined;
      } catch (error) {
        return errorLine(error);
      }
    },
  });
  if (text === undefined) return;
  const address = text.trim() === '' ? undefined : parseWebhookAddress(text);
  await addresses.set(name, address);
  const now = address ? `is now at ${address.host}` : 'has no address of ours any more';
  void vscode.window.showInformationMessage(`Webhook ${name} ${now}.`);
}

const hostOf = async (name: string, addresses: WebhookAddresses): Promise<string | undefined> => {
  try {
    return (await addresses.find(name))?.host;
  } catch (error) {
    return errorLine(error);
  }
};
