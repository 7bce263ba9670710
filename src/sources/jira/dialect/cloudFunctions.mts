// jira.js is ESM only, hence the .mts: loaded on first use, and only what stands here gets into the bundle.
export {
  addComment,
  createOrUpdateRemoteIssueLink,
  deleteComment,
  doTransition,
  findAssignableUsers,
  getAllStatuses,
  getChangeLogs,
  getComments,
  getIssue,
  getIssueProperty,
  getTransitions,
  searchAndReconsileIssuesUsingJqlPost,
  setIssueProperty,
  updateComment,
} from 'jira.js/cloud';
