import { ApiProperty } from '@nestjs/swagger';

export class SentTestView {
  @ApiProperty({ type: String, description: 'GET /v1/deliveries/{webhookId} tells what became of it' })
  webhookId!: string;

  @ApiProperty({ type: String })
  subscriptionId!: string;

  @ApiProperty({ type: String, example: 'test-5f0c6a1b2d3e4f5a6b' })
  changeId!: string;

  @ApiProperty({ type: String, example: 'relay.test' })
  eventType!: string;

  @ApiProperty({ type: String, example: 'application/json' })
  contentType!: string;

  @ApiProperty({ type: String, description: 'as it is sent' })
  body!: string;
}
