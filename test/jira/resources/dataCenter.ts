import { commentRoutes } from './comments';
import { issueRoutes } from './issues';
import { dataCenterSearchRoutes } from './search';
import { siteRoutes } from './site';
import { transitionRoutes } from './transitions';
import type { Route } from '../rest/answer';

/** Jira Data Center, version 2: wiki markup, pages by offset, the changelog only as `expand=changelog`. */
export const dataCenterRoutes: Route[] = [
  ...dataCenterSearchRoutes,
  ...siteRoutes,
  ...commentRoutes,
  ...transitionRoutes,
  ...issueRoutes,
];
