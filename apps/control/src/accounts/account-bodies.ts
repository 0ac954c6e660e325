import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsEmail, IsString, MaxLength } from 'class-validator';
import { Cursor, PageQuery } from '../http/cursors.js';
import { all, MayBeLeftOut } from '../http/field-checks.js';
import { maxPasswordLength, minPasswordLength } from './passwords.js';

export const accountIdPattern = /^usr_[0-9a-z]{26}$/;
const maxEmailLength = 254;

const emailMessage = 'must be an e-mail address';

export class CreateAccountBody {
  @ApiProperty({ type: String, example: 'ada@example.com', maxLength: maxEmailLength })
  @all(
    MaxLength(maxEmailLength, { message: emailMessage }),
    IsEmail({}, { message: emailMessage }),
    IsString({ message: emailMessage }),
  )
  email!: string;

  @ApiPropertyOptional({
    type: String,
    minLength: minPasswordLength,
    maxLength: maxPasswordLength,
    description: 'left out, the answer holds a link with which the person sets one',
  })
  @IsString({ message: 'must be a text' })
  @MayBeLeftOut()
  password?: string;
}

export class ChangeAccountBody {
  @ApiProperty({ type: Boolean, description: 'who is disabled is signed out everywhere' })
  @IsBoolean({ message: 'must be true or false' })
  enabled!: boolean;
}

export class ListAccountsQuery extends PageQuery {
  @Cursor(accountIdPattern)
  cursor?: string;
}
