/** An application as OAuth 1.0a knows it: a consumer, "client" in RFC 5849. */
export interface OAuth1Consumer {
  applicationId: string;
  /** For people who are asked whether it may act for them. */
  name: string;
  /** In the clear; several while one takes the place of another. */
  consumerSecrets: readonly string[];
  /** For RSA-SHA1; null where the application has registered none. */
  rsaPublicKeyPem: string | null;
  /** As registered, compared letter by letter. */
  callbackUrls: readonly string[];
}

export interface OAuth1Consumers {
  /** undefined for a key that is not known, or of an application that may not sign in at the moment. */
  find(consumerKey: string): Promise<OAuth1Consumer | undefined>;
}
