import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Module,
  Res,
  type DynamicModule,
  type INestApplication,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Response } from 'express';
import type { Logger } from '#libs/telemetry';
import { messageOf, RelayError } from './relay-error.js';

/** What the probes say. Liveness ignores dependencies; readiness asks every registered check. */
export class HealthState {
  private readonly checks = new Map<string, () => string | undefined>();

  /** Registers a check that returns a reason while it is not ready, else undefined. */
  check(name: string, notReadyReason: () => string | undefined): void {
    this.checks.set(name, notReadyReason);
  }

  /** Reasons by check; empty means ready. */
  notReady(): Record<string, string> {
    const reasons: Record<string, string> = {};
    for (const [name, check] of this.checks) {
      const reason = check();
      if (reason !== undefined) {
        reasons[name] = reason;
      }
    }
    return reasons;
  }
}

@Controller('health')
class HealthController {
  constructor(@Inject(HealthState) private readonly state: HealthState) {}

  @Get('live')
  @HttpCode(200)
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('ready')
  ready(@Res() response: Response): void {
    const reasons = this.state.notReady();
    const ready = Object.keys(reasons).length === 0;
    response.status(ready ? 200 : 503).json(ready ? { status: 'ready' } : { status: 'not ready', reasons });
  }
}

@Module({})
export class HealthModule {
  /** The probes of an app, for its module's `imports`. */
  static of(state: HealthState): DynamicModule {
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [{ provide: HealthState, useValue: state }],
    };
  }
}

/**
 * Serves a Nest module over HTTP and logs `listening` with the port.
 * @throws RelayError PORT_IN_USE when another process has the port.
 */
export async function startHealthServer(
  module: Parameters<typeof NestFactory.create>[0],
  { HTTP_HOST: host, HTTP_PORT: port }: { HTTP_HOST: string; HTTP_PORT: number },
  logger: Logger,
): Promise<INestApplication> {
  const app = await NestFactory.create(module, { logger: ['error', 'fatal'], abortOnError: false });
  try {
    await app.listen(port, host);
  } catch (error) {
    throw new RelayError(
      'PORT_IN_USE',
      `cannot listen on ${host}:${String(port)} (${messageOf(error)}): set HTTP_PORT to a free port, or to 0 for any`,
      { cause: error },
    );
  }
  const bound = (app.getHttpServer() as { address(): { port: number } }).address();
  logger.info({ host, port: bound.port }, 'listening');
  return app;
}
