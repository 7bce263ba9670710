import type { IssueWriter } from '../issue/issueWriter';
import { Asking, type AskingOptions } from '../session/asking/asking';
import { Adjusting, type AdjustingOptions } from './adjusting';
import { Commenting } from './commenting';
import { RequestingChanges, type RequestingOptions } from './requestingChanges';

export type AdjustmentsOptions = AskingOptions & AdjustingOptions & Omit<RequestingOptions, 'asking'>;

/** What a person does about documents that are not yet as they should be: ask, comment, edit, or have them changed. */
export function adjustments(options: AdjustmentsOptions, writer: IssueWriter) {
  const asking = new Asking(options);
  return {
    asking,
    commenting: new Commenting(options.account, writer),
    adjusting: new Adjusting(options),
    requestingChanges: new RequestingChanges({ ...options, asking }, writer),
  };
}
