import type { BodyFormat } from '#libs/subscription';
import type { Event } from './event.js';
import type { Shape } from './shape.js';
import { jsonBody } from './json-body.js';
import { xmlBody } from './xml-body.js';

interface Format {
  contentType: string;
  write(event: Event): string;
}

const formats: Readonly<Record<BodyFormat, Format>> = {
  json: { contentType: 'application/json', write: jsonBody },
  xml: { contentType: 'application/xml', write: xmlBody },
};

export function contentTypeOf(format: BodyFormat): string {
  return formats[format].contentType;
}

/**
 * The exact bytes that are sent for an event.
 * @throws RelayError VALUE_NOT_REPRESENTABLE when a value of the change is not what its column says.
 */
export function renderBody(event: Event, format: BodyFormat, _shape: Shape | null = null): Buffer {
  return Buffer.from(formats[format].write(event), 'utf8');
}
