import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { eventTypesOf, type EventType } from '#libs/event';
import { AnswersProblems } from '../http/problem-responses.js';
import { ControlRules } from '../subscriptions/subscription-checks.js';

class EventTypeView {
  @ApiProperty({ type: String, example: 'sale.order.confirmed' })
  name!: string;

  @ApiProperty({ type: String, example: 'sale.order' })
  model!: string;

  @ApiProperty({ type: String })
  description!: string;
}

class EventTypeList {
  @ApiProperty({ type: [EventTypeView] })
  data!: EventTypeView[];
}

@ApiTags('Event types')
@ApiBearerAuth()
@Controller('v1/event-types')
export class EventTypesController {
  constructor(@Inject(ControlRules) private readonly rules: ControlRules) {}

  @Get()
  @ApiOperation({ summary: 'What can be subscribed to' })
  @ApiOkResponse({ type: EventTypeList })
  @AnswersProblems()
  list(): EventTypeList {
    return { data: eventTypesOf(this.rules.models).map(viewOf) };
  }
}

function viewOf({ name, model, description }: EventType): EventTypeView {
  return { name, model, description };
}
