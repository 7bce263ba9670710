import { commentListRoute, commentRoutes } from './comments';
import { bulkFetchRoute, changelogRoute, issueRoutes } from './issues';
import { cloudSearchRoutes } from './search';
import { projectSearchRoute, siteRoutes } from './site';
import { transitionRoutes } from './transitions';
import type { Route } from '../rest/answer';

/** Jira Cloud, versions 3 (ADF) and 2 (wiki markup). Fixed paths stand before those with names. */
export const cloudRoutes: Route[] = [
  ...cloudSearchRoutes,
  projectSearchRoute,
  ...siteRoutes,
  bulkFetchRoute,
  commentListRoute,
  ...commentRoutes,
  ...transitionRoutes,
  changelogRoute,
  ...issueRoutes,
];
