import type { Settings } from '../../model/settings';
import { UserError } from '../../model/errors';
import { addressVariable, type WebhookAddresses } from '../../sources/webhooks/addresses';
import { attempt, type Check } from './check';

/** Whether the address of each webhook is known here, and nothing more of it. Nothing is sent. */
export const webhookChecks = (
  { webhooks }: Pick<Settings, 'webhooks'>,
  addresses: Pick<WebhookAddresses, 'find'>,
): Promise<Check[]> =>
  Promise.all(
    Object.entries(webhooks).map(([name, { kind, events }]) =>
      attempt(`webhook ${name}`, async () => {
        if (!(await addresses.find(name)))
          throw new UserError(
            'no address is known here',
            `Set ${addressVariable(name)}; in VS Code, Set Webhook Address.`,
          );
        return `${kind}, address known, told of ${events.join(', ') || 'nothing'}`;
      }),
    ),
  );
