import { eventsTopicSpec } from '#libs/operational-events';
import { locks } from '../persistence/locks.js';
import type { Projected } from '../projections/topic-projection.js';
import type { EventStore } from './event-store.js';
import { readEvent, type ReadEvent } from './read-event.js';

const tidyIntervalMs = 3_600_000;

/** `relay.events` in the table of operational events, and who is to be told of them. */
export function eventProjection(store: EventStore): Projected<ReadEvent> {
  return {
    topic: eventsTopicSpec.topic,
    name: 'events',
    leadership: {
      applicationName: 'odoo-relay-control-events',
      lock: locks.eventReader,
      channel: 'relay_control_events',
    },
    read: readEvent,
    positions: (starts) => store.positions(starts),
    take: (events, from, next) =>
      store.take(
        events.map(({ row }) => row),
        from,
        next,
      ),
    tidy: () => store.removeOld(),
    tidyIntervalMs,
  };
}
