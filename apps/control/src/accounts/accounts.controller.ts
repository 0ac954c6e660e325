import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { defaultPageSize, pageOf } from '../http/cursors.js';
import { Problem } from '../http/problem.js';
import { AnswersProblems, bodyProblems } from '../http/problem-responses.js';
import { PublicUrl } from '../http/public-url.js';
import {
  IfMatch,
  MayBeUnchanged,
  MayExpectVersion,
  showsVersion,
  type Precondition,
} from '../http/versions.js';
import {
  accountIdPattern,
  ChangeAccountBody,
  CreateAccountBody,
  ListAccountsQuery,
} from './account-bodies.js';
import { AccountPage, accountView, AccountView, InvitedAccountView } from './account-view.js';
import { Accounts, type Invitation } from './accounts.js';
import { hashPassword, passwordProblem } from './passwords.js';
import type { AccountRow } from '../persistence/account-rows.js';

const idParameter = { name: 'id', type: String, description: 'id of the account, usr_…' };

@ApiTags('Accounts')
@ApiBearerAuth()
@Controller('v1/accounts')
export class AccountsController {
  constructor(
    @Inject(Accounts) private readonly accounts: Accounts,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Make an account for a person who administers',
    description:
      'Without a password the answer holds a link, shown this once, with which the person sets one.',
  })
  @ApiCreatedResponse({ type: InvitedAccountView, ...showsVersion })
  @AnswersProblems(409, ...bodyProblems)
  async create(@Body() body: CreateAccountBody): Promise<InvitedAccountView> {
    const { email, password } = body;
    const problem = password === undefined ? undefined : passwordProblem(password, email);
    if (problem !== undefined) {
      throw Problem.ofFields([{ field: 'password', code: 'invalid', message: problem }]);
    }
    const passwordHash = password === undefined ? {} : { passwordHash: await hashPassword(password) };
    const created = await this.accounts.create({ email, ...passwordHash });
    if (created === undefined) {
      throw new Problem(
        'email_in_use',
        'GET /v1/accounts lists all; POST /v1/accounts/{id}/reset invites anew',
      );
    }
    return this.invitedView(created.account, created.invitation);
  }

  @Get()
  @ApiOperation({ summary: 'List accounts, page by page' })
  @ApiOkResponse({ type: AccountPage })
  @AnswersProblems(422)
  async list(@Query() query: ListAccountsQuery): Promise<AccountPage> {
    const { cursor, limit = defaultPageSize } = query;
    const rows = await this.accounts.list({ cursor, limit });
    const { shown, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    return { data: shown.map(accountView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read an account' })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: AccountView, ...showsVersion })
  @MayBeUnchanged()
  @AnswersProblems(404)
  async read(@Param('id') id: string): Promise<AccountView> {
    return accountView(await found(id, () => this.accounts.find(id)));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Disable or enable an account' })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: AccountView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404, ...bodyProblems)
  async change(
    @Param('id') id: string,
    @Body() body: ChangeAccountBody,
    @IfMatch() expected: Precondition,
  ): Promise<AccountView> {
    return accountView(await found(id, () => this.accounts.setEnabled(id, body.enabled, expected)));
  }

  @Post(':id/reset')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Invite a person anew, who has lost the password or the second factor',
    description:
      'Password, second factor, recovery codes and external identity are dropped, and the person is signed out ' +
      'everywhere. The answer holds a link, shown this once, with which the person sets a new password.',
  })
  @ApiParam(idParameter)
  @ApiOkResponse({ type: InvitedAccountView, ...showsVersion })
  @MayExpectVersion()
  @AnswersProblems(404)
  async reset(@Param('id') id: string, @IfMatch() expected: Precondition): Promise<InvitedAccountView> {
    const { account, invitation } = await found(id, () => this.accounts.reset(id, expected));
    return this.invitedView(account, invitation);
  }

  private invitedView(account: AccountRow, invitation: Invitation | undefined): InvitedAccountView {
    return Object.assign(accountView(account), {
      invitationUrl: invitation ? `${this.publicUrl.origin}/invitation/${invitation.token}` : null,
      invitationUntil: invitation?.until.toISOString() ?? null,
    });
  }
}

async function found<T>(id: string, find: () => Promise<T | undefined>): Promise<T> {
  const result = accountIdPattern.test(id) ? await find() : undefined;
  if (result === undefined) {
    const shown = id.slice(0, 64);
    throw new Problem('account_not_found', `there is no account "${shown}": GET /v1/accounts lists all`);
  }
  return result;
}
