import { RelayError } from '#libs/process';
import type { BodyFormat } from '#libs/subscription';
import type { Event } from './event.js';
import { formBody } from './form-body.js';
import { beforeAfterBody, cloudEventBody, cloudEventData, jsonBody } from './json-body.js';
import type { Shape } from './shape.js';
import { shapedEvent } from './shaped-event.js';
import { xmlBody } from './xml-body.js';

/** Leaves room for the headers in Kafka's default `max.message.bytes` of 1,048,588. */
const maxBodyBytes = 1_000_000;

interface Format {
  contentType: string;
  write(event: Event): string;
}

const formats: Readonly<Record<BodyFormat, Format>> = {
  json: { contentType: 'application/json', write: jsonBody },
  'json-before-after': { contentType: 'application/json', write: beforeAfterBody },
  cloudevents: { contentType: 'application/cloudevents+json', write: cloudEventBody },
  'cloudevents-binary': { contentType: 'application/json', write: cloudEventData },
  xml: { contentType: 'application/xml', write: xmlBody },
  form: { contentType: 'application/x-www-form-urlencoded', write: formBody },
};

export function contentTypeOf(format: BodyFormat): string {
  return formats[format].contentType;
}

/**
 * The exact bytes that are sent for an event, of the shape that is asked for.
 * @throws RelayError VALUE_NOT_REPRESENTABLE when a value of the change is not what its column says.
 * @throws RelayError SHAPE_NOT_APPLICABLE when the shape asks for what the record does not have.
 * @throws RelayError BODY_TOO_LARGE when Kafka would not take it.
 */
export function renderBody(event: Event, format: BodyFormat, shape: Shape | null = null): Buffer {
  const shaped = shape === null ? event : shapedEvent(event, shape);
  const body = Buffer.from(formats[format].write(shaped), 'utf8');
  if (body.length > maxBodyBytes) {
    throw new RelayError('BODY_TOO_LARGE', `it would have ${body.length} bytes, more than ${maxBodyBytes}`);
  }
  return body;
}
