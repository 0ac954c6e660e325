/** Why a request is refused, for programs: these stay as they are. */
export const refusals = {
  oauth1_malformed: 'The OAuth 1.0a parameters cannot be read',
  oauth1_parameter_twice: 'An OAuth 1.0a parameter stands there twice',
  oauth1_parameters_mixed: 'OAuth 1.0a parameters stand in several places',
  oauth1_parameter_missing: 'An OAuth 1.0a parameter is missing',
  oauth1_version_refused: 'The version of OAuth is not 1.0',
  oauth1_method_refused: 'The signature method is not taken here',
  oauth1_timestamp_refused: 'The timestamp is not of now',
  oauth1_body_unsigned: 'The signature does not cover the body',
  oauth1_signature_wrong: 'The signature is not right',
  oauth1_nonce_used: 'The nonce was used before',
  oauth1_callback_refused: 'The callback is not one of the application',
  oauth1_verifier_refused: 'The verifier is not right',
} as const;

export type RefusalCode = keyof typeof refusals;

export interface Refusal {
  kind: 'refused';
  code: RefusalCode;
  /** What is wrong and what to do, for people; holds no secret. */
  detail: string;
}

export function refused(code: RefusalCode, detail: string): Refusal {
  return { kind: 'refused', code, detail };
}
