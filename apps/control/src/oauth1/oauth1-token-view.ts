import { ApiProperty } from '@nestjs/swagger';

export class OAuth1TokenView {
  @ApiProperty({ type: String })
  applicationId!: string;

  @ApiProperty({ type: String, example: 'Shop' })
  applicationName!: string;

  @ApiProperty({ type: String, nullable: true, description: 'null where the application acts for itself' })
  token!: string | null;
}
