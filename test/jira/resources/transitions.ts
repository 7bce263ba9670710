import type { Issue, Transition } from '../entities';
import { actor, issueOf, must } from '../rest/access';
import { asObject, done, listOf, ok, payload, refuse, type Call, type Route } from '../rest/answer';
import { addComment, propertiesFrom } from './comments';
import { applyEdit } from './issues';
import { checkScreen, screenView, setCustom } from './screen';
import { statusView } from '../rest/views';

export const transitionRoutes: Route[] = [
  { method: 'GET', path: '/issue/:key/transitions', handle: list },
  { method: 'POST', path: '/issue/:key/transitions', handle: move },
];

/** What this caller may do with the issue now; nothing without the permission. */
function offered(call: Call, issue: Issue): Transition[] {
  return call.state.may(call.user, 'transition', issue) ? call.state.transitions(issue) : [];
}

function list(call: Call) {
  const issue = issueOf(call);
  const id = call.query.get('transitionId');
  const withFields = listOf(call, 'expand')?.includes('transitions.fields') ?? false;
  const transitions = offered(call, issue)
    .filter((transition) => id === null || transition.id === id)
    .map((transition) => view(call, transition, withFields));
  return ok({ expand: 'transitions', transitions });
}

function view(call: Call, transition: Transition, withFields: boolean) {
  const screen = transition.screen ?? [];
  return {
    id: transition.id,
    name: transition.name,
    to: statusView(call, call.state.status(transition.to)),
    ...(call.cloud
      ? {
          hasScreen: screen.length > 0,
          isGlobal: transition.from === undefined,
          isInitial: false,
          isAvailable: true,
          isConditional: false,
          isLooped: false,
        }
      : {}),
    ...(withFields ? { fields: screenView(screen) } : {}),
  };
}

function move(call: Call) {
  const issue = issueOf(call);
  const given = payload(call);
  const asked = asObject(given['transition'])['id'];
  if (typeof asked !== 'string' && typeof asked !== 'number')
    throw refuse(400, "Missing 'transition' identifier");
  const transition = offered(call, issue).find(({ id }) => id === String(asked));
  if (!transition) {
    if (!call.cloud) throw refuse(500, 'Internal server error');
    throw refuse(400, `Transition id '${String(asked)}' is not valid for this issue.`);
  }
  const { fields, custom } = checkScreen(call, transition, asObject(given['fields']));
  const comments = asObject(given['update'])['comment'];
  const added = Array.isArray(comments) ? comments.map((entry) => asObject(asObject(entry)['add'])) : [];
  // All is checked before anything changes: a transition happens as a whole or not at all.
  propertiesFrom(given['properties']);
  if (added.length > 0)
    must(call, 'comment', issue, 400, 'You do not have the permission to comment on this issue.');
  for (const comment of added) addComment(call, issue, comment);
  applyEdit(call, issue, { ...given, fields });
  setCustom(issue, custom);
  call.state.setStatus(issue.key, transition.to, actor(call));
  if (call.state.status(transition.to).category === 'done') issue.resolution ??= 'Done';
  return done;
}
