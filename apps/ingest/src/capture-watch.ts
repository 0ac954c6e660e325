import type { Client } from 'pg';
import type { OperationalEvent } from '#libs/operational-events';
import { every, messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { DueLoads, switchCaptureOn } from './capture-gap.js';
import type { OdooDatabase } from './odoo-database.js';
import { readSlots, type CaptureState } from './outbox-slots.js';

const lookIntervalMs = 1_000;

/**
 * Looks after the capture beside the data path: whether it was stopped at the size limit or paused, and whether
 * all triggers are in place. What fails is tried again.
 */
export class CaptureWatch {
  private readonly dueLoads = new DueLoads();
  private readonly clients = new Map<string, Client>();
  private state: CaptureState = 'on';
  private isStopping = false;

  constructor(
    private readonly database: OdooDatabase,
    private readonly outboxMaxBytes: number,
    private readonly logger: Logger,
    /** For whoever runs the system; `id` is the same when it is told again. */
    private readonly tell: (id: string, event: OperationalEvent) => void,
  ) {}

  notReady(): string | undefined {
    return this.state === 'stopped' ? stoppedMessage : undefined;
  }

  start(triggerCheckIntervalMs: number): () => Promise<void> {
    const stops = [
      every(lookIntervalMs, () => this.attempt('watch', (client) => this.look(client))),
      every(triggerCheckIntervalMs, async () => {
        await this.attempt('triggers', (client) => this.database.repair(client));
        await this.close('triggers');
      }),
    ];
    return async () => {
      this.isStopping = true;
      // What is waiting for a lock ends with its connection.
      await this.closeAll();
      await Promise.all(stops.map((stop) => stop()));
      await this.closeAll();
    };
  }

  private async look(client: Client): Promise<void> {
    const outbox = await readSlots(client);
    if (outbox.state === 'stopped' && this.state !== 'stopped') {
      await this.tellStopped(client, outbox.totalBytes);
    }
    this.report(outbox.state, outbox.totalBytes);
    if (outbox.state !== 'on') {
      this.dueLoads.forget();
    }
    if (outbox.state === 'stopped' && outbox.totalBytes <= this.outboxMaxBytes / 2) {
      await switchCaptureOn(client, outbox, 'gap');
      this.report('on', outbox.totalBytes);
    }
    if (this.state === 'on') {
      const tables = [...this.database.catalog.captured.keys()];
      const reason = await this.dueLoads.request(client, tables);
      if (reason !== undefined) {
        this.logger.warn({ reason, tables }, 'capture was off: all its tables are to be loaded again');
        this.tell(`gap-${await lastSequence(client)}`, { kind: 'capture.gap', reason, tables });
      }
    }
  }

  private async tellStopped(client: Client, outboxBytes: number): Promise<void> {
    this.tell(`stopped-${await lastSequence(client)}`, {
      kind: 'capture.stopped',
      outbox_bytes: outboxBytes,
      outbox_max_bytes: this.outboxMaxBytes,
    });
  }

  private report(state: CaptureState, outboxBytes: number): void {
    if (state === this.state) {
      return;
    }
    this.state = state;
    switch (state) {
      case 'stopped':
        this.logger.error({ outboxBytes }, stoppedMessage);
        break;
      case 'paused':
        this.logger.warn('capture is paused: "relay capture resume" lets it go on');
        break;
      case 'on':
        this.logger.info('capture is on');
        break;
    }
  }

  private async attempt(purpose: string, work: (client: Client) => Promise<void>): Promise<void> {
    try {
      const client = this.clients.get(purpose) ?? (await this.database.connect(purpose));
      this.clients.set(purpose, client);
      await work(client);
    } catch (error) {
      await this.close(purpose);
      if (!this.isStopping) {
        this.logger.warn({ purpose, reason: messageOf(error) }, 'the capture cannot be checked now');
      }
    }
  }

  private async close(purpose: string): Promise<void> {
    const client = this.clients.get(purpose);
    this.clients.delete(purpose);
    await client?.end().catch(() => undefined);
  }

  private async closeAll(): Promise<void> {
    await Promise.all([...this.clients.keys()].map((purpose) => this.close(purpose)));
  }
}

/** Of the last change that was captured: it stands still while capture is off. */
async function lastSequence(client: Client): Promise<string> {
  const { rows } = await client.query<{ last: string }>(
    'select last_value::text as last from relay.change_sequence',
  );
  return rows[0]?.last ?? '';
}

const stoppedMessage =
  'the outbox has reached OUTBOX_MAX_BYTES, so capture is stopped: it goes on, and the tables are loaded, when the outbox is published';
