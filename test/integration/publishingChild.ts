import { linked, makeClient } from './publishingBed';

/** A process that publishes once; it is killed while it waits for the answer. */
const [url = '', folder = ''] = process.argv.slice(2);

void makeClient({ url, deployment: 'cloud', folder }).then(({ publishing }) =>
  publishing.publish(linked, { key: 'PAY-1' }),
);
