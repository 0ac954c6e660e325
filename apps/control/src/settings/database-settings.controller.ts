import { Body, Controller, Get, Inject, Param, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { requireNone } from '../http/problem.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import {
  IfMatch,
  MayBeUnchanged,
  MayExpectVersion,
  showsVersion,
  type Precondition,
} from '../http/versions.js';
import { ControlRules, settingsErrors } from '../subscriptions/subscription-checks.js';
import { DatabaseSettings } from './database-settings.js';
import { DeliverySettingsBody } from './delivery-settings-body.js';
import { DatabaseSettingsView } from './delivery-settings-view.js';

@ApiTags('Databases')
@ApiBearerAuth()
@Controller('v1/databases/:database/settings')
export class DatabaseSettingsController {
  constructor(
    @Inject(DatabaseSettings) private readonly settings: DatabaseSettings,
    @Inject(ControlRules) private readonly rules: ControlRules,
  ) {}

  @Get()
  @ApiOperation({ summary: "How deliveries of a database's subscriptions are made" })
  @ApiParam({ name: 'database', type: String, description: 'slug of the Odoo database' })
  @ApiOkResponse({ type: DatabaseSettingsView, ...showsVersion })
  @MayBeUnchanged()
  @AnswersProblems(404)
  async read(@Param('database') database: string): Promise<DatabaseSettingsView> {
    this.rules.requireDatabase(database);
    return this.settings.find(database);
  }

  @Put()
  @ApiOperation({
    summary: "Set how deliveries of a database's subscriptions are made",
    description:
      'Replaces all settings; what is left out is the default again. A subscription keeps what it sets for itself.',
  })
  @ApiParam({ name: 'database', type: String, description: 'slug of the Odoo database' })
  @ApiOkResponse({ type: DatabaseSettingsView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404, ...bodyProblems)
  async replace(
    @Param('database') database: string,
    @Body() body: DeliverySettingsBody,
    @IfMatch() expected: Precondition,
  ): Promise<DatabaseSettingsView> {
    this.rules.requireDatabase(database);
    requireNone(settingsErrors(body, ''));
    return this.settings.replace(database, body, expected);
  }
}
