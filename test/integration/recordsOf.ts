import { fieldsOf } from '../../src/model/record/merge';
import { claimsOf } from '../../src/sources/jira/comments';

interface Comment {
  id: string;
  body: unknown;
  author: { name: string };
}

/** The records that an issue's comments in the simulator hold, with the name of who wrote each. */
export const recordsOf = (comments: readonly Comment[], key: string) =>
  comments.flatMap(({ id, body, author }) =>
    claimsOf(
      {
        id,
        body,
        created: 1,
        updated: 1,
        author: { id: author.name, name: '' },
        updateAuthor: { id: '', name: '' },
      },
      key,
    ).map((claim) => ({ by: claim.author.id, ...fieldsOf(claim) })),
  );
