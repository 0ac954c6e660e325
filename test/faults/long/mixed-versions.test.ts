import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testStack } from '../../harness/stack.js';
import type { AppName, StartedApp } from '../../harness/apps.js';
import { buildReleaseBefore, hasReleaseBefore, type Release } from './release-before.js';
import { expectOrderAndStableIds, partners, WholePipeline } from './whole-pipeline.js';

const stack = testStack();
const canBuild = await hasReleaseBefore();
const describeMixed = canBuild ? describe : describe.skip;

describeMixed(
  canBuild
    ? 'under a steady flow of changes'
    : 'mixed versions: skipped, as this clone lacks the commit of the release before',
  () => {
    let before: Release;
    let pipeline: WholePipeline;
    const old = new Map<AppName, StartedApp>();
    const now = new Map<AppName, StartedApp>();

    beforeAll(async () => {
      before = await buildReleaseBefore();
      pipeline = await WholePipeline.open(stack, stack);
      // Only those that are written to come to the topic.
      await pipeline.odoo.query('delete from res_partner where id = $1', [partners + 1]);
      for (const name of ['control', 'ingest', 'router', 'delivery'] as const) await startOld(name);
      await pipeline.subscribe('all');
      pipeline.writer.start();
      await pipeline.untilMoreIsReceived('all');
    }, 600_000);

    afterAll(async () => {
      await pipeline.close();
      await before.remove();
    });

    async function startOld(name: AppName): Promise<void> {
      old.set(name, await pipeline.start(name, { checkout: before.checkout }));
    }

    async function startNow(name: AppName): Promise<void> {
      now.set(name, await pipeline.start(name));
    }

    /** In order; gives how it ended. */
    function stop(apps: Map<AppName, StartedApp>, name: AppName): Promise<number | string> | undefined {
      return apps.get(name)?.stop();
    }

    async function status(app: StartedApp | undefined, path: string): Promise<number> {
      return (await pipeline.callAt(app?.url ?? '', 'GET', path)).status;
    }

    it('control of before goes on with tables that were brought up to date, beside the one of now', async () => {
      expect(await pipeline.controlCommand('migrate')).toBe(0);
      expect(await status(old.get('control'), '/v1/subscriptions')).toBe(200);
      await pipeline.subscribe('by-old');
      await startNow('control');
      await pipeline.subscribe('by-new');
      for (const control of [old.get('control'), now.get('control')]) {
        const { body } = await pipeline.callAt(control?.url ?? '', 'GET', '/v1/subscriptions');
        expect((body['data'] as { published: boolean }[]).map(({ published }) => published)).toEqual([
          true,
          true,
          true,
        ]);
      }
      for (const path of ['by-old', 'by-new']) await pipeline.untilMoreIsReceived(path, 20);
    });

    it('router and delivery of both versions share the work, and those of before leave', async () => {
      for (const name of ['router', 'delivery'] as const) {
        await startNow(name);
        await pipeline.untilMoreIsReceived('all');
        expect(await stop(old, name)).toBe(0);
        await pipeline.untilMoreIsReceived('all');
      }
      expect(await stop(old, 'control')).toBe(0);
    });

    it('ingest of now takes over from the one of before', async () => {
      await startNow('ingest');
      expect(await old.get('ingest')?.ended).toBe(75);
      await pipeline.untilMoreIsReceived('all');
    });

    it('and all of it goes back: ingest, router and delivery of before take over again, and control of before answers', async () => {
      await startOld('ingest');
      expect(await now.get('ingest')?.ended).toBe(75);
      await pipeline.untilMoreIsReceived('all');
      for (const name of ['router', 'delivery', 'control'] as const) {
        await startOld(name);
        await pipeline.untilMoreIsReceived('all');
        expect(await stop(now, name)).toBe(0);
        await pipeline.untilMoreIsReceived('all');
      }
      expect(await status(old.get('control'), '/v1/attempts?limit=20')).toBe(200);
      await pipeline.subscribe('after-rollback');
      await pipeline.untilMoreIsReceived('after-rollback', 20);
    });

    it('at the end nothing is lost, each record came in its order, what came twice had the same id, and the history is whole', async () => {
      await pipeline.writer.pause();
      await pipeline.untilAllIsReceived('all');
      expectOrderAndStableIds(pipeline.received('all'));
      expect(await pipeline.partnersInTopic()).toEqual(await pipeline.partnersInOdoo());
      await pipeline.untilHistoryIsWhole();
    });
  },
);
