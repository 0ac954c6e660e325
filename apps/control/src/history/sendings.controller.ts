import { Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { By, type Principal } from '../access/principal.js';
import { Needs } from '../access/scope-guard.js';
import { AnswersProblems } from '../http/problem-responses.js';
import { RedriveView } from '../redrives/redrive-view.js';
import { subscriptionIdPattern } from '../subscriptions/subscription-bodies.js';
import { webhookIdPattern } from './attempt-queries.js';
import { noSubscription, Tenancy } from '../access/tenancy.js';
import { noDelivery } from './history.controller.js';
import { Resend } from './resend.js';
import { SentTestView } from './test-event-view.js';
import { TestEvents } from './test-events.js';

/** What sends a single delivery. */
@ApiTags('History')
@ApiBearerAuth()
@Controller('v1')
export class SendingsController {
  constructor(
    @Inject(TestEvents) private readonly tests: TestEvents,
    @Inject(Resend) private readonly resend: Resend,
    @Inject(Tenancy) private readonly tenancy: Tenancy,
  ) {}

  @Post('subscriptions/:id/test')
  @Needs('replay')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send a test event to a subscription',
    description:
      'Of type `relay.test`, with invented values, in the format and, where they fit it, the shape of the ' +
      'subscription, signed and retried like others for ten minutes; what fails of it counts for nothing.',
  })
  @ApiParam({ name: 'id', type: String, description: 'id of the subscription, sub_…' })
  @ApiAcceptedResponse({ type: SentTestView })
  @AnswersProblems(404, 409)
  async test(@By() by: Principal, @Param('id') id: string): Promise<SentTestView> {
    await this.tenancy.requireSubscription(by, id);
    const sent = subscriptionIdPattern.test(id) ? await this.tests.send(id) : undefined;
    if (sent === undefined) {
      throw noSubscription(id);
    }
    return sent;
  }

  @Post('deliveries/:webhookId/resend')
  @Needs('replay')
  @ApiOperation({
    summary: 'Send a dead letter once more',
    description:
      'With all its attempts and under its own id: a redrive of the one letter, which `GET /v1/redrives/{id}` tells ' +
      'of, too; `notes` say why where it was skipped.',
  })
  @ApiParam({ name: 'webhookId', type: String, description: 'its webhook-id, msg_…' })
  @ApiCreatedResponse({ type: RedriveView })
  @AnswersProblems(404, 409)
  async sendOnceMore(@By() by: Principal, @Param('webhookId') webhookId: string): Promise<RedriveView> {
    const redrive = webhookIdPattern.test(webhookId) ? await this.resend.send(by, webhookId) : undefined;
    if (redrive === undefined) {
      throw noDelivery(webhookId);
    }
    return redrive;
  }
}
