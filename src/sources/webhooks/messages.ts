import type { Settings } from '../../model/settings';
import { displayText } from '../../util/displayText';
import { headline, linkOf, type Tiding } from './tiding';

export type WebhookKind = Settings['webhooks'][string]['kind'];

/** What a webhook of this kind takes, as JSON. `id` is the same in every try to tell this. */
export function messageFor(kind: WebhookKind, tiding: Tiding, id: string): unknown {
  switch (kind) {
    case 'slack':
      return slackMessage(tiding);
    case 'teams':
      return teamsMessage(tiding);
    case 'json':
      return jsonMessage(tiding, id);
  }
}

/**
 * For Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. Only our own
 * words and the link are `mrkdwn`; what comes from outside is `plain_text`, and escaped in the fallback of notifications.
 */
function slackMessage(tiding: Tiding): unknown {
  const { task, text, next } = tiding;
  const link = linkOf(tiding)?.replaceAll('|', '%7C');
  const key = escapeSlack(task.key);
  const title = headline(tiding);
  return {
    text: escapeSlack(`${task.key} ${title}: ${displayText(task.summary)}`),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `*${link === undefined ? key : `<${escapeSlack(link)}|${key}>`}* ${title}`,
        },
      },
      ...lines([task.summary, text]).map((line) => ({ type: 'section', text: plainText(line) })),
      ...lines([next]).map((line) => ({ type: 'context', elements: [plainText(line)] })),
    ],
  };
}

const plainText = (text: string) => ({ type: 'plain_text', text, emoji: false });

/** https://docs.slack.dev/messaging/formatting-message-text: these three, and no others. */
const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * For a Teams workflow "When a Teams webhook request is received": an Adaptive Card in its envelope. Text runs of a rich
 * text block take no Markdown, so nothing in them can become a link or a mention.
 */
function teamsMessage(tiding: Tiding): unknown {
  const { task, text, next } = tiding;
  const link = linkOf(tiding);
  const title = `${task.key} ${headline(tiding)}`;
  return {
    type: 'message',
    summary: title,
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          fallbackText: title,
          body: [
            richText(title, { weight: 'bolder', size: 'medium' }),
            ...lines([task.summary, text]).map((line) => richText(line)),
            ...lines([next]).map((line) => richText(line, { isSubtle: true })),
          ],
          ...(link !== undefined && {
            actions: [{ type: 'Action.OpenUrl', title: `Open ${task.key}`, url: link }],
          }),
        },
      },
    ],
  };
}

const richText = (text: string, look: Record<string, unknown> = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...look }],
});

/** Our own form (README, "Webhooks"): fields are added, never changed, while `schema` stays. */
function jsonMessage(tiding: Tiding, id: string): unknown {
  const { event, at, task, text, next, run } = tiding;
  const url = linkOf(tiding);
  return {
    schema: 1,
    id,
    event,
    at: new Date(at).toISOString(),
    task: { key: task.key, summary: displayText(task.summary), ...(url !== undefined && { url }) },
    title: headline(tiding),
    text: displayText(text),
    ...(next !== undefined && { next: displayText(next) }),
    ...(run && { run }),
  };
}

/** Cleaned; those that are empty are left out, which every receiver would refuse. */
const lines = (texts: readonly (string | undefined)[]): string[] =>
  texts.map((text) => displayText(text ?? '')).filter((text) => text !== '');
