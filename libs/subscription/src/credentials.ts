/** Headers that a subscription adds to its requests: names and values, in the order given. */
export type CustomHeaders = readonly (readonly [name: string, value: string])[];

/** How a request shows who sends it. Names are those of the standards, as the API takes them. */
export type EndpointAuth =
  | { type: 'basic'; username: string; password: string }
  | { type: 'bearer'; token: string }
  | OAuth2ClientCredentials
  | OAuth1;

export interface OAuth2ClientCredentials {
  type: 'oauth2_client_credentials';
  token_url: string;
  client_id: string;
  client_secret: string;
  scope?: string;
  audience?: string;
  /** Where id and secret stand in a request for a token: in its Authorization header or in its body. */
  client_authentication: 'basic' | 'body';
}

export interface OAuth1 {
  type: 'oauth1';
  consumer_key: string;
  consumer_secret: string;
  token?: string;
  token_secret?: string;
  signature_method: 'HMAC-SHA256' | 'HMAC-SHA1';
  realm?: string;
}

/** For mutual TLS, all in PEM. */
export interface ClientCertificate {
  /** The certificate, followed by those that lead to its authority. */
  certificate_pem: string;
  private_key_pem: string;
  /** Authorities that the endpoint's own certificate is checked against, instead of the usual ones. */
  ca_pem?: string;
}
