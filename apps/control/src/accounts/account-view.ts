import { ApiProperty } from '@nestjs/swagger';
import { Page } from '../http/cursors.js';
import { withVersion } from '../http/versions.js';
import type { AccountRow } from '../persistence/account-rows.js';

const states = ['invited', 'active', 'disabled'] as const;

export class AccountView {
  @ApiProperty({ type: String, example: 'usr_01kasq3v5e8m2x7qp4d9hr6tn0' })
  id!: string;

  @ApiProperty({ type: String })
  email!: string;

  @ApiProperty({ enum: states, description: '"invited" until the person has a way to sign in' })
  state!: (typeof states)[number];

  @ApiProperty({ type: Boolean, description: 'whether a code is asked for after the password' })
  twoFactor!: boolean;

  @ApiProperty({ type: Boolean, description: 'whether the person has signed in by the external provider' })
  external!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastSignInAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  updatedAt!: string;
}

export class InvitedAccountView extends AccountView {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'shown this once: where the person sets a password; null where one was given',
  })
  invitationUrl!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'how long the link is good',
  })
  invitationUntil!: string | null;
}

export class AccountPage extends Page {
  @ApiProperty({ type: [AccountView] })
  data!: AccountView[];
}

export function accountView(row: AccountRow): AccountView {
  const view = {
    id: row.id,
    email: row.email,
    state: stateOf(row),
    twoFactor: row.totpSecret !== null,
    external: row.externalSubject !== null,
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
  return withVersion(view, row.version);
}

function stateOf(row: AccountRow): AccountView['state'] {
  if (!row.enabled) {
    return 'disabled';
  }
  return row.passwordHash === null && row.externalSubject === null ? 'invited' : 'active';
}
