#!/usr/bin/env node
// `relay capture …`: makes the checkout ready and runs the command; apps/ingest/src/capture-command.ts says what.
import { setUp } from './setup.mjs';

await setUp();
await import('../dist/apps/ingest/src/relay-command.js');
