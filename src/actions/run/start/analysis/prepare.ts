import { criticName } from '../../../../model/run/documents';
import { equip } from '../equipment';
import { freeIds, orderOf, type Prepare } from '../order';
import { choosePlace } from '../places';
import { survey } from './survey';

export const prepareAnalysis: Prepare = async (task, options, steps) => {
  const { wanted, inTurn } = options;
  const { key } = task;
  const at = await choosePlace(options, key, wanted);
  const { host } = at;
  const { settings } = options;
  steps.doing('preflight', `Asking ${host.name}`);
  const { existing, ...places } = await inTurn(at, () => survey(key, at, options, steps));
  const kit = await equip(
    { key, ...at, commit: places.base.commit, prompts: ['analysis', 'documents', 'review'] },
    options,
    steps,
  );
  const [sessionId = '', reviewId = ''] = await freeIds(host, kit, 2, steps.signal);
  const reviews = settings.runs.critic && settings.docs.names.includes(criticName);
  const decided = { kind: 'analysis', sessionId, ...(reviews && { reviewId }), ...places } as const;
  return { run: await orderOf(task, decided, { host, kit }, options, steps.signal), host, kit, existing };
};
