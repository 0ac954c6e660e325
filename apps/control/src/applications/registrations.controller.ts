import { Body, Controller, Inject, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OpenToAnybody } from '../access/scope-guard.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { Problem, requireNone } from '../http/problem.js';
import { showsVersion } from '../http/versions.js';
import { ControlRules } from '../subscriptions/subscription-checks.js';
import { RegisterApplicationBody } from './application-bodies.js';
import { applicationErrors } from './application-checks.js';
import { RegisteredApplicationView } from './application-view.js';
import { Registrations } from './registrations.js';

@ApiTags('Applications')
@Controller('v1/registrations')
export class RegistrationsController {
  constructor(
    @Inject(Registrations) private readonly registrations: Registrations,
    @Inject(ControlRules) private readonly rules: ControlRules,
  ) {}

  @Post()
  @OpenToAnybody()
  @ApiOperation({
    summary: 'Ask for an application, without credentials',
    description:
      'Where SELF_REGISTRATION is on. It can do nothing but read its own state until an administrator has approved it.',
  })
  @ApiCreatedResponse({ type: RegisteredApplicationView, ...showsVersion })
  @AnswersProblems(403, 409, ...bodyProblems)
  async register(@Body() body: RegisterApplicationBody): Promise<RegisteredApplicationView> {
    if (!this.registrations.areOpen) {
      throw new Problem(
        'registrations_closed',
        'ask an administrator: POST /v1/applications registers an application',
      );
    }
    const admin = {
      field: 'scopes',
      code: 'not_granted',
      message: 'must not hold "admin": an administrator gives it',
    };
    requireNone([
      ...applicationErrors(body, this.rules),
      ...(body.scopes?.includes('admin') === true ? [admin] : []),
    ]);
    const registered = await this.registrations.register(body);
    if (registered === 'too many') {
      throw new Problem('too_many_registrations', 'too many applications wait for approval: try again later');
    }
    return registered;
  }
}
