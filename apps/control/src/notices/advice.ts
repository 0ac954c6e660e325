/** What an event says to a person: in words of our own, nothing of a record and no secret. */
export interface Advice {
  what: string;
  whatToDo: string;
}

export interface ToldEvent {
  type: string;
  database: string;
  subscriptionId: string | null;
  data: Readonly<Record<string, unknown>>;
}

const maxTextLength = 500;

/** Also of kinds that are not known here. */
export function adviceFor(event: ToldEvent): Advice {
  return event.subscriptionId === null
    ? systemAdvice(event)
    : subscriptionAdvice(event, event.subscriptionId);
}

function subscriptionAdvice({ type, data }: ToldEvent, given: string): Advice {
  const id = oneLine(given);
  const look = `GET /v1/attempts?subscriptionId=${id} shows what its endpoint has answered`;
  const enable = `POST /v1/subscriptions/${id}/enable lets it go on`;
  const redrive = `POST /v1/redrives with {"subscriptionId": "${id}"} sends once more what it has missed`;
  switch (type) {
    case 'subscription.failing':
      return {
        what: `Deliveries fail: ${oneLine(data['consecutive_dead'])} in a row were given up, at ${oneLine(data['disable_after'])} the subscription is disabled.`,
        whatToDo: `Mend its endpoint: ${look}.`,
      };
    case 'subscription.disabled':
      return {
        what:
          data['reason'] === 'gone'
            ? 'It is disabled: its endpoint has answered 410, which says that it is gone for good.'
            : `It is disabled after ${oneLine(data['consecutive_dead'])} dead letters in a row: nothing is delivered to it any more.`,
        whatToDo: `Mend its endpoint (${look}); then ${enable}, and ${redrive}. Dead letters are kept for 30 days.`,
      };
    case 'subscription.recovered':
      return {
        what: 'It has recovered: a delivery has arrived.',
        whatToDo: `Nothing, if nothing is missing; ${redrive}.`,
      };
    case 'subscription.not_applicable':
      return {
        what: 'It asks for something that changes do not have any more, so some of them were put aside.',
        whatToDo: `Change its filter or shape (PATCH /v1/subscriptions/${id}); GET /v1/events?subscriptionId=${id} says what is wrong.`,
      };
    default:
      return unknownAdvice(type);
  }
}

function systemAdvice({ type, data, database }: ToldEvent): Advice {
  switch (type) {
    case 'capture.stopped':
      return {
        what: `Capture is stopped: the outbox in Odoo's database has reached OUTBOX_MAX_BYTES (${oneLine(data['outbox_max_bytes'])}). Odoo goes on; its changes are not captured.`,
        whatToDo:
          'Look why ingest does not publish: is it running, does Kafka answer? When the outbox is published, capture goes on and the tables are loaded by themselves.',
      };
    case 'capture.gap':
      return {
        what: 'Capture was off and is on again: the single steps between are missing, and all captured tables are loaded.',
        whatToDo:
          'Nothing, if the latest state is enough; else compare with Odoo what was changed meanwhile.',
      };
    case 'capture.epoch_mismatch':
      return {
        what: `Ingest has ended: the database is not the one in the topics. ${oneLine(data['reason'])}`,
        whatToDo: `Check ODOO_DATABASE_URL of the ingest of "${oneLine(database)}", and do what the sentence says.`,
      };
    case 'topic.superseded':
      return {
        what: `A table goes on in another topic: ${oneLine(data['new_topic'])} instead of ${oneLine(data['old_topic'])}.`,
        whatToDo: 'Let readers of the old topic read the new one; subscriptions do so by themselves.',
      };
    default:
      return unknownAdvice(type);
  }
}

function unknownAdvice(type: string): Advice {
  return { what: `Something of the kind ${oneLine(type)}.`, whatToDo: 'GET /v1/events says more.' };
}

/** Of what others wrote: no line breaks or other control characters, and not without end. */
export function oneLine(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
  return text
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, maxTextLength)
    .trim();
}
