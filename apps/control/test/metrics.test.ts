import { expect, it } from '@jest/globals';
import { eventually } from '../../../test/harness/eventually.js';
import { Scrape } from '../../../test/harness/metrics.js';
import { AttemptRows } from './attempt-rows.js';
import { Api, controlUnderTest } from './control-under-test.js';
import { freePort } from '../../../test/harness/free-port.js';

const control = controlUnderTest();

it('Prometheus sees the requests by route, and how far the history is, at a port of its own where it has one', async () => {
  const env = await control.environment();
  const rows = await AttemptRows.open(control.stack, control.stack.topicPrefix);
  const metricsPort = await freePort();
  const { port } = await control.start({ ...env, METRICS_PORT: String(metricsPort) });
  const url = `http://127.0.0.1:${String(metricsPort)}`;
  const api = new Api(`http://127.0.0.1:${String(port)}`);

  const { id } = await api.create();
  await api.get(`/v1/subscriptions/${id}`);
  await api.get('/v1/subscriptions/sub_there_is_none');
  await api.get(`/v1/wherever/${id}`);
  expect((await api.get('/metrics')).status).toBe(404);
  await rows.write([rows.row(), rows.row()]);
  await rows.writeValues([['sub', 'no row']]);
  await eventually(async () => {
    const scrape = await Scrape.of(url);
    const one = 'method="GET",route="/v1/subscriptions/:id"';
    expect(scrape.value(`relay_control_http_requests_total{${one},status_class="2xx"}`)).toBe(1);
    expect(scrape.value(`relay_control_http_requests_total{${one},status_class="4xx"}`)).toBe(1);
    expect(scrape.value(`relay_control_http_request_duration_seconds_count{${one}}`)).toBe(2);
    const none = 'method="GET",route="none",status_class="4xx"';
    expect(scrape.value(`relay_control_http_requests_total{${none}}`)).toBe(2);
    expect(scrape.value('relay_control_rejected_records_total')).toBe(1);
    expect(scrape.value('relay_control_projection_lag_records{projection="history"}')).toBe(0);
    expect(scrape.value('relay_control_projection_leading{projection="events"}')).toBe(1);
    expect(scrape.value('relay_control_feed_working')).toBe(1);
    expect(scrape.value('relay_kafka_published_records_total{topic="relay.subscriptions"}')).toBe(1);
    expect(scrape.text).not.toContain(id);
    expect(scrape.undocumented()).toEqual([]);
    return true;
  });
  await rows.kafka.close();
});

it('Prometheus finds them beside the API where they have no port of their own', async () => {
  const { port } = await control.start(await control.environment());
  const scrape = await Scrape.of(`http://127.0.0.1:${String(port)}`);
  expect(scrape.value('relay_app_info{app="control"}')).toBe(1);
});
