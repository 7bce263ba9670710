import { code, codeBlock, doc, heading, link, mention, orderedList, paragraph, table } from '../text/adf';
import { DOC_NAMES, type DemoTask } from './demoTask';

const ALL = [...DOC_NAMES];

/** Payments, approved and later. */
export const payUnderway: DemoTask[] = [
  {
    key: 'PAY-472',
    summary: 'Rate limit the public payments API per token',
    type: 'Story',
    status: 'Approved',
    priority: 'High',
    assignee: 'dana',
    reporter: 'pat',
    labels: ['api', 'security'],
    hoursAgo: [200, 54, 50, 20],
    problem:
      'One integration polled 4,000 times a minute and slowed checkout for everybody. The public API must reject more than 100 requests a minute per token.',
    acceptance: [
      '429 with Retry-After beyond the limit',
      'Limits per plan in config.yaml',
      'Internal callers are exempt',
    ],
    more: [
      codeBlock('limits:\n  free: 100\n  business: 1000', 'yaml'),
      table([
        ['Plan', 'Requests per minute'],
        ['Free', '100'],
        ['Business', '1000'],
      ]),
    ],
    options: [
      'Token bucket in Redis, in the API gateway',
      'Fixed window in each node',
      'Buy it from the CDN',
    ],
    steps: [
      'Add TokenBucket with a Lua script',
      'Wire it into the gateway filter',
      'Read the limits from config.yaml',
      'Alert on 429 per token',
    ],
    docs: ALL,
    sessions: [
      {
        slot: 'PAY-472/analysis',
        id: '7d3e5b90-1a2f-4c7d-b1e4-90f2c3a8e504',
        kind: 'analysis',
        host: 'devserver',
        outcome: 'complete',
        record: { shape: 'panel', by: 'claude' },
        prompt: 'Analyse PAY-472: rate limiting for the public payments API. Compare at least three options.',
      },
    ],
    talk: [
      {
        by: 'dana',
        hoursAgo: 40,
        body: doc(paragraph('Redis is there already, so option 1 costs us one script.')),
      },
    ],
    approvedBy: 'pat',
  },
  {
    key: 'PAY-478',
    summary: 'Move card vault calls to the new tokenization service',
    type: 'Task',
    status: 'In Development',
    priority: 'Medium',
    assignee: 'dana',
    reporter: 'mira',
    labels: ['vault', 'pci'],
    hoursAgo: [400, 130, 126, 100, 8],
    problem:
      'The old vault is switched off in January. Four services still call it; each must use the tokenization service.',
    acceptance: [
      'No service calls vault.internal',
      'Old tokens still resolve',
      'A card number never reaches our logs',
    ],
    more: [
      heading(3, 'Callers'),
      orderedList([code('checkout')], [code('billing')], [code('disputes')], [code('backoffice')]),
      paragraph('Contract: ', link('tokenization API', 'https://docs.acme.example/tokenization')),
    ],
    options: ['One client library, service by service', 'A proxy that speaks the old protocol'],
    steps: [
      'Write TokenClient',
      'Move checkout behind a flag',
      'Move billing, disputes and backoffice',
      'Delete VaultClient',
    ],
    docs: ALL,
    sessions: [
      {
        slot: 'PAY-478/analysis',
        id: 'c1a5e0f2-6b3d-4e8a-9c70-1f2d3b4a5c05',
        kind: 'analysis',
        host: 'devserver',
        outcome: 'complete',
        record: { shape: 'hardBreaks', by: 'dana' },
        prompt:
          'Analyse PAY-478: which calls to the old card vault are left, and in which order should they move?',
      },
      {
        slot: 'PAY-478/implementation',
        id: '2e9b7d64-0c5f-4f1a-a3d8-7b6e5c4d3f06',
        kind: 'implementation',
        host: 'local',
        outcome: 'started',
        record: { shape: 'panel', by: 'claude' },
        prompt: 'Implement the approved plan of PAY-478. Start with TokenClient.',
        continues: 'PAY-478/analysis',
      },
    ],
    talk: [
      { by: 'mira', hoursAgo: 90, body: doc(paragraph('Security has signed off the log filter.')) },
      {
        by: 'dana',
        hoursAgo: 6,
        body: doc(paragraph('checkout is behind ', code('vault.v2'), ', billing is next.')),
      },
    ],
    approvedBy: 'mira',
  },
  {
    key: 'PAY-441',
    summary: 'Show the exchange rate before a currency conversion',
    type: 'Story',
    status: 'In Review',
    priority: 'Medium',
    assignee: 'sam',
    reporter: 'mira',
    labels: ['fx'],
    hoursAgo: [600, 260, 255, 220, 60, 12],
    problem:
      'The law asks us to show rate and fee before the customer confirms. We show them on the receipt.',
    acceptance: ['Rate, fee and total stand on the confirmation page', 'The rate holds for 60 seconds'],
    options: ['Quote service with a signed rate', 'Ask the bank on each view'],
    steps: ['Add POST /quotes', 'Show the quote', 'Refuse expired quotes'],
    docs: ALL,
    sessions: [
      {
        slot: 'PAY-441/analysis',
        id: 'a90d8e7c-6f5b-4a3d-b2c1-0e9f8a7b6c09',
        kind: 'analysis',
        host: 'devserver',
        outcome: 'complete',
        record: { shape: 'box', by: 'sam' },
        prompt: 'Analyse PAY-441: what does the law want to see, and where do we have the numbers?',
      },
      {
        slot: 'PAY-441/implementation',
        id: 'd8c7b6a5-f4e3-4d2c-81b0-a9f8e7d6c510',
        kind: 'implementation',
        host: 'devserver',
        outcome: 'complete',
        record: { shape: 'panel', by: 'claude' },
        prompt: 'Implement the approved plan of PAY-441.',
      },
    ],
    talk: [
      {
        by: 'sam',
        hoursAgo: 11,
        body: doc(
          paragraph(
            mention('712020:2f6f0f2e-1111-4c1c-9a55-9be8a1d2c001', 'Dana Developer'),
            ' please review, the branch is pushed.',
          ),
        ),
      },
    ],
    approvedBy: 'pat',
  },
  {
    key: 'PAY-433',
    summary: 'Retry SEPA mandates that the bank rejected for load',
    type: 'Task',
    status: 'Done',
    priority: 'Low',
    assignee: 'dana',
    reporter: 'pat',
    labels: ['sepa'],
    hoursAgo: [900, 700, 690, 650, 500, 420, 310],
    problem:
      'The bank rejects mandates with AM05 under load; they succeed an hour later, yet we give up at once.',
    acceptance: ['AM05 is retried three times, an hour apart', 'Other codes still fail at once'],
    options: ['Retry queue with a delay', 'Ask the bank for a bulk window'],
    steps: ['Classify codes', 'Add the delay queue'],
    docs: ALL,
    sessions: [
      {
        slot: 'PAY-433/analysis',
        id: '1b2c3d4e-5f60-4718-92a3-b4c5d6e7f811',
        kind: 'analysis',
        host: 'devserver',
        outcome: 'complete',
        record: { shape: 'codeBlock', by: 'dana' },
        prompt: 'Analyse PAY-433: which rejections of SEPA mandates are worth a retry?',
      },
    ],
    talk: [{ by: 'pat', hoursAgo: 300, body: doc(paragraph('Rejections are down by 92 %. Thanks!')) }],
    approvedBy: 'pat',
  },
];
