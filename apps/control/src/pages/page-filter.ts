import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { messageOf } from '#libs/process';
import type { Logger } from '#libs/telemetry';
import { requestIdOf } from '../http/request-log.js';
import { isPostgresUnavailable } from '../persistence/postgres-errors.js';
import { PageRefused } from './form.js';
import { messagePage } from './message-page.js';
import { sendPage } from './page.js';

export const pageLogger = Symbol('logger of the pages');

/** For people what ProblemFilter is for programs: whatever was thrown becomes a page, and nothing of the cause shows. */
@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(@Inject(pageLogger) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.switchToHttp().getResponse<Response>());
  }

  /** For pages outside of Nest's routes. */
  answer(thrown: unknown, response: Response): void {
    const { status, page } = this.refusalOf(thrown, requestIdOf(response.req));
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendPage(response, page, status);
  }

  private refusalOf(thrown: unknown, requestId: string | undefined): PageRefused {
    if (thrown instanceof PageRefused) {
      return thrown;
    }
    if (thrown instanceof HttpException && thrown.getStatus() < 500) {
      return refused(thrown.getStatus(), 'That page does not exist', 'Check the address.');
    }
    if (isPostgresUnavailable(thrown)) {
      this.logger.warn({ requestId, error: messageOf(thrown) }, 'a page failed: Postgres does not answer');
      return refused(503, 'Not at the moment', 'The database does not answer. Try again in a minute.');
    }
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    this.logger.error({ requestId, error: messageOf(thrown), stack }, 'a page failed unexpectedly');
    return refused(500, 'Something went wrong', "The reason is in the control app's log. Please report it.");
  }
}

function refused(status: number, title: string, text: string): PageRefused {
  return new PageRefused(status, messagePage({ title, text }));
}
