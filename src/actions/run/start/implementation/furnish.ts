import { UserError } from '../../../../model/errors';
import { runFolder } from '../../../../model/run/folder';
import { placeApproved } from '../../../../runs/approved';
import { implementationPrompts } from '../../../../runs/prompts/implementation';
import type { Furnish } from '../goOn';
import { argvOf } from '../order';
import { approvedSteps } from './plan';

/** What an implementation takes with it; the approved documents are copied into its folder before. */
export const furnishImplementation: Furnish = async (order, host, kit, { settings }, steps) => {
  const { implementation } = order;
  if (!implementation) throw new Error('an implementation without an approval');
  const { home, issue, templates } = kit;
  const { signal } = steps;
  const place = { name: '', host: host.name, directory: order.repository };
  const parsed = await approvedSteps(host, place, implementation, signal);
  // Read by another version of this program than the one that ordered it.
  if (parsed.length !== implementation.steps.length)
    throw new UserError(
      `The plan of ${order.key} reads as other steps than were ordered.`,
      'Give this run up, and start the implementation again.',
    );
  const planned = implementation.steps.map(({ title }, at) => ({ title, text: parsed[at]!.text }));
  const prompts = implementationPrompts({
    order,
    issue,
    templates,
    runDirectory: runFolder(home, order.id),
    implementation,
    steps: planned,
  });
  await placeApproved(host, order, implementation, { signal });
  return { prompts, turns: { implement: argvOf('implement', order, kit, settings) } };
};
