// Made from the API's OpenAPI document by `npm run docs`.

export interface paths {
  '/v1/subscriptions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List subscriptions, page by page */
    get: operations['Subscriptions.list'];
    put?: never;
    /**
     * Subscribe to event types
     * @description Answers when those that deliver have it, in general within milliseconds; where that takes longer than 2 s the change is saved all the same, follows by itself, and the answer says `"published": false`.
     */
    post: operations['Subscriptions.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/subscriptions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read a subscription and its state */
    get: operations['Subscriptions.read'];
    put?: never;
    post?: never;
    /**
     * Delete a subscription
     * @description What still waits for it is not sent.
     */
    delete: operations['Subscriptions.delete'];
    options?: never;
    head?: never;
    /**
     * Change what is given
     * @description Answers when those that deliver have it, in general within milliseconds; where that takes longer than 2 s the change is saved all the same, follows by itself, and the answer says `"published": false`.
     */
    patch: operations['Subscriptions.change'];
    trace?: never;
  };
  '/v1/subscriptions/{id}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Switch a disabled subscription on again
     * @description Its dead letters are counted from 0; it gets what changes from now on. Answers when those that deliver have it, in general within milliseconds; where that takes longer than 2 s the change is saved all the same, follows by itself, and the answer says `"published": false`.
     */
    post: operations['Subscriptions.enable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/subscriptions/{id}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Switch a subscription off
     * @description Nothing is sent to it until it is switched on again. Answers when those that deliver have it, in general within milliseconds; where that takes longer than 2 s the change is saved all the same, follows by itself, and the answer says `"published": false`.
     */
    post: operations['Subscriptions.disable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/subscriptions/{id}/rotate-secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Replace the signing secret
     * @description The new one is shown this once. Until the grace time ends, requests carry a signature of each, so that a receiver can be changed over at any moment of it. Answers when those that deliver have it, in general within milliseconds; where that takes longer than 2 s the change is saved all the same, follows by itself, and the answer says `"published": false`.
     */
    post: operations['Subscriptions.rotateSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/databases/{database}/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How deliveries of a database's subscriptions are made */
    get: operations['DatabaseSettings.read'];
    /**
     * Set how deliveries of a database's subscriptions are made
     * @description Replaces all settings; what is left out is the default again. A subscription keeps what it sets for itself.
     */
    put: operations['DatabaseSettings.replace'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/event-types': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what can be subscribed to, by name, page by page */
    get: operations['EventTypes.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/event-types/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an event type: an example of its body, and the JSON Schema of all of them */
    get: operations['EventTypes.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/databases/{database}/event-types/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an event type that a database has of its own */
    get: operations['EventTypes.readOwn'];
    /**
     * Create or replace an event type of a database
     * @description Subscriptions that name it follow within a second.
     */
    put: operations['EventTypes.put'];
    post?: never;
    /** Delete an event type that no subscription of the database names */
    delete: operations['EventTypes.delete'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/redrives': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List redrives, the latest first, page by page */
    get: operations['Redrives.list'];
    put?: never;
    /**
     * Send dead letters once more
     * @description Those of the selection that are dead now, each with all its attempts; what dies again is not sent again by this redrive. It goes on in the background, through restarts; the answer comes when it has ended, or after 2 s (dry run: 10 s) with how far it is: `GET /v1/redrives/{id}` tells the rest.
     */
    post: operations['Redrives.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/redrives/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how far a redrive is */
    get: operations['Redrives.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/redrives/{id}/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stop a redrive
     * @description What is sent already is delivered all the same; what was under way at this moment may follow and is counted. One that has ended stays as it is.
     */
    post: operations['Redrives.stop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/subscriptions/{id}/replays': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List a subscription's replays, the latest first, page by page */
    get: operations['Replays.list'];
    put?: never;
    /**
     * Send what is, or what has happened, to a subscription once more
     * @description Live deliveries come first. It goes on in the background, through restarts; the answer comes when it has ended, or after 5 s (dry run: 10 s) with how far it is: `GET /v1/replays/{id}` tells the rest.
     */
    post: operations['Replays.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/replays/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how far a replay is */
    get: operations['Replays.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/replays/{id}/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stop a replay
     * @description What is sent already is delivered all the same; what was under way at this moment may follow and is counted. One that has ended stays as it is.
     */
    post: operations['Replays.stop'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/try': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Try a subscription on the last changes, or on one that is given
     * @description For each change whether it matches, what decided that, and the request that would be sent. Nothing is sent and nothing is saved. The last changes are those that stand at the end of the topics of its models: of each partition 500.
     */
    post: operations['Trials.try'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/applications': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List applications, page by page; an application sees itself */
    get: operations['Applications.list'];
    put?: never;
    /**
     * Register an application
     * @description It is approved. What it may see is all that is not named; POST /v1/applications/{id}/credentials gives it a key.
     */
    post: operations['Applications.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/applications/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an application; one reads itself, also before it is approved */
    get: operations['Applications.read'];
    put?: never;
    post?: never;
    /** Delete an application that has no subscription, and its credentials */
    delete: operations['Applications.delete'];
    options?: never;
    head?: never;
    /**
     * Approve, reject or suspend an application, or change what it is and may see
     * @description Holds for its subscriptions within a second: those that ask for what it was not granted are sent nothing.
     */
    patch: operations['Applications.change'];
    trace?: never;
  };
  '/v1/applications/{id}/credentials': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List an application's credentials, without their secrets, page by page */
    get: operations['Credentials.list'];
    put?: never;
    /**
     * Give an application an API key, an OAuth 2 client or an OAuth 1.0a consumer
     * @description An application that is approved does so for itself, with no more scopes than its request has.
     */
    post: operations['Credentials.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/applications/{id}/credentials/{credentialId}/rotate-secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Replace the secret of a credential
     * @description The new one is shown this once. Until the grace time ends, either is good, so that whoever uses it can be changed over at any moment of it. An application does so where its request has the scopes of the credential.
     */
    post: operations['Credentials.rotateSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/applications/{id}/credentials/{credentialId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revoke a credential, at once and for good
     * @description It stays in the list.
     */
    delete: operations['Credentials.revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/registrations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ask for an application, without credentials
     * @description Where SELF_REGISTRATION is on. It can do nothing but read its own state until an administrator has approved it.
     */
    post: operations['Registrations.register'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/consents': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what accounts have allowed applications, page by page
     * @description Tokens of OAuth 1.0a and grants of OAuth 2 that are good; an application sees what it was allowed.
     */
    get: operations['Consents.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/consents/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Take back what an account has allowed an application
     * @description Each token that came of it is refused from the next request on. It can be allowed anew.
     */
    delete: operations['Consents.revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/attempts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what became of deliveries, the latest first, page by page
     * @description Each request that was made, and each end of a delivery without one, to which all filters apply; in general a second after it happened. Dead letters are those with `outcome=dead,expired`.
     */
    get: operations['History.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/deliveries/{webhookId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read how it is with a delivery, and all that became of it */
    get: operations['History.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/subscriptions/{id}/statistics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count a subscription's attempts by outcome over time, with how long its endpoint took */
    get: operations['History.statistics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/subscriptions/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a test event to a subscription
     * @description Of type `relay.test`, with invented values, in the format and, where they fit it, the shape of the subscription, signed and retried like others for ten minutes; what fails of it counts for nothing.
     */
    post: operations['Sendings.test'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/deliveries/{webhookId}/resend': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a dead letter once more
     * @description With all its attempts and under its own id: a redrive of the one letter, which `GET /v1/redrives/{id}` tells of, too; `notes` say why where it was skipped.
     */
    post: operations['Sendings.sendOnceMore'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit-log': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read who has changed what, and who was refused to, the latest first, page by page
     * @description For administrators, and applications with the scope `admin`.
     */
    get: operations['AuditLog.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/erasures': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what was erased, when and on whose request, the latest first, page by page */
    get: operations['Erasures.list'];
    put?: never;
    /**
     * Erase what is kept of records' deliveries
     * @description What endpoints answered, and the errors, are gone from the history; outcomes and times stay. With very many attempts that goes on in the background, through restarts: the answer comes when it has ended, or after 2 s with `"state": "running"`, and `GET /v1/erasures/{id}` tells the rest. To ask again does no harm. Dead letters of changes up to now are not sent again, and lie in their topic until its retention is over (30 days). Erase the record in Odoo first: the topics follow Odoo, and keep its history for a time.
     */
    post: operations['Erasures.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/erasures/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read what was erased, and how far that is */
    get: operations['Erasures.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what happened to subscriptions and captures, the latest first, page by page
     * @description A subscription fails, is disabled, has recovered; a capture was stopped, has a gap, is of another database. Kept for 30 days. An application sees those of its own subscriptions.
     */
    get: operations['Events.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List accounts, page by page */
    get: operations['Accounts.list'];
    put?: never;
    /**
     * Make an account for a person who administers
     * @description Without a password the answer holds a link, shown this once, with which the person sets one.
     */
    post: operations['Accounts.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Read an account */
    get: operations['Accounts.read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /** Disable or enable an account */
    patch: operations['Accounts.change'];
    trace?: never;
  };
  '/v1/accounts/{id}/reset': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Invite a person anew, who has lost the password or the second factor
     * @description Password, second factor, recovery codes and external identity are dropped, and the person is signed out everywhere. The answer holds a link, shown this once, with which the person sets a new password.
     */
    post: operations['Accounts.reset'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    BasicAuthBody: {
      /** @enum {string} */
      type: 'basic' | 'bearer' | 'oauth2ClientCredentials' | 'oauth1';
      username: string;
      password: string;
    };
    BearerAuthBody: {
      /** @enum {string} */
      type: 'basic' | 'bearer' | 'oauth2ClientCredentials' | 'oauth1';
      token: string;
    };
    OAuth2Body: {
      /** @enum {string} */
      type: 'basic' | 'bearer' | 'oauth2ClientCredentials' | 'oauth1';
      /**
       * @description where tokens are asked for; the same addresses are allowed as for url
       * @example https://login.example/oauth2/token
       */
      tokenUrl: string;
      clientId: string;
      clientSecret: string;
      /** @description scopes, with a space between each */
      scope?: string;
      /** @description for token endpoints that ask for it */
      audience?: string;
      /**
       * @description where id and secret stand in a request for a token: its Authorization header or its body
       * @default basic
       * @enum {string}
       */
      clientAuthentication?: 'basic' | 'body';
    };
    OAuth1Body: {
      /** @enum {string} */
      type: 'basic' | 'bearer' | 'oauth2ClientCredentials' | 'oauth1';
      consumerKey: string;
      consumerSecret: string;
      token?: string;
      tokenSecret?: string;
      /**
       * @default HMAC-SHA256
       * @enum {string}
       */
      signatureMethod?: 'HMAC-SHA256' | 'HMAC-SHA1';
      realm?: string;
    };
    ClientCertificateBody: {
      /** @description the certificate in PEM, followed by those that lead to its authority */
      certificatePem: string;
      /** @description its private key in PEM */
      privateKeyPem: string;
      /** @description authorities in PEM that the endpoint's own certificate is checked against, instead of the usual ones */
      caPem?: string;
    };
    FieldChangeBody: {
      /**
       * @description a field, or a relation that changes carry
       * @example state
       */
      field: string;
      /**
       * @description a value, or a list of which it is one: false for empty
       * @example draft
       */
      from?: string | number | boolean | (string | number | boolean)[];
      /**
       * @description a value, or a list of which it is one: false for empty
       * @example sale
       */
      to?: string | number | boolean | (string | number | boolean)[];
    };
    DeliverySettingsBody: {
      /** @description for the whole request, in milliseconds */
      timeoutMs?: number | null;
      /** @description the delay before each retry, in milliseconds; its length is the number of retries */
      retryDelaysMs?: number[] | null;
      /** @description instead of retryDelaysMs: that many retries, at the delays of the level above */
      retries?: number | null;
      /** @description dead letters in a row after which the subscription is disabled */
      disableAfter?: number | null;
      /** @description a delivery that is older is dead, in milliseconds */
      expiresAfterMs?: number | null;
      /**
       * @description latest: an older change of a record is not sent any more once a newer one was, or is on its way
       * @enum {string|null}
       */
      ordering?: 'none' | 'latest' | null;
      /** @description requests under way at once to the endpoint */
      concurrency?: number | null;
      /** @description requests a second to the endpoint */
      rateLimitPerS?: number | null;
    };
    CreateSubscriptionBody: {
      /**
       * @description headers to add to each request: at most 20, of printable ASCII; they are not shown again
       * @example {
       *       "X-Shop": "7"
       *     }
       */
      headers?: {
        [key: string]: string;
      } | null;
      /** @description how requests authenticate, beside their signature; what is secret of it is not shown again */
      auth?:
        | (
            | components['schemas']['BasicAuthBody']
            | components['schemas']['BearerAuthBody']
            | components['schemas']['OAuth2Body']
            | components['schemas']['OAuth1Body']
          )
        | null;
      /** @description for mutual TLS, with an https:// url only; the key is not shown again */
      clientCertificate?: components['schemas']['ClientCertificateBody'] | null;
      /**
       * @description an Odoo domain: only changes for which it holds. Fields are those of the record after the change (of a delete before it), `before.<field>`, `changed`, and of the relations that changes carry
       * @example [
       *       "&",
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ],
       *       [
       *         "order_line.product_id",
       *         "in",
       *         [
       *           42,
       *           43
       *         ]
       *       ]
       *     ]
       */
      filter?: unknown[] | null;
      /** @description of updates only those in which at least one of these happened */
      fieldChanges?: components['schemas']['FieldChangeBody'][] | null;
      /**
       * @description what of a change the bodies hold: fields and relations, chosen, renamed and filtered; texts in a language; values of a company, whose records alone it gets; null for the whole record
       * @example {
       *       "fields": [
       *         "name",
       *         {
       *           "field": "amount_total",
       *           "as": "total"
       *         }
       *       ],
       *       "included": {
       *         "order_line": {
       *           "as": "lines",
       *           "fields": [
       *             "product_id",
       *             "product_uom_qty"
       *           ],
       *           "filter": [
       *             [
       *               "product_id",
       *               "=",
       *               42
       *             ]
       *           ]
       *         }
       *       },
       *       "language": "fr_FR",
       *       "companyId": 1
       *     }
       */
      shape?: Record<string, never> | null;
      /**
       * @description the application that owns it
       * @default default
       */
      applicationId?: string;
      /**
       * @description slug of the Odoo database
       * @example acme
       */
      database: string;
      /**
       * @description names of GET /v1/event-types; the first that matches a change names its delivery
       * @example [
       *       "product.created"
       *     ]
       */
      eventTypes: string[];
      /**
       * @description of the bodies
       * @default json
       * @enum {string}
       */
      format?: 'json' | 'json-before-after' | 'cloudevents' | 'cloudevents-binary' | 'xml' | 'form';
      /**
       * @description http or https, without user name and password; a private address only where ALLOWED_RECEIVERS names it
       * @example https://shop.example/hooks/odoo
       */
      url: string;
      /** @description what differs from the database's settings */
      settings?: components['schemas']['DeliverySettingsBody'];
      /**
       * @description hmac: with a secret that the receiver has, too (v1); ed25519: with a key that only this side has (v1a)
       * @default hmac
       * @enum {string}
       */
      signature?: 'hmac' | 'ed25519';
      /** @description a signing secret of your own, whsec_ and 24 to 64 bytes in base64, or whsk_ and an ed25519 key; generated where left out */
      secret?: string;
      /**
       * @description sends each record as it is now, too, beside what changes from now on
       * @enum {string}
       */
      startWith?: 'current-state';
    };
    AuthView: {
      /** @enum {string} */
      type: 'basic' | 'bearer' | 'oauth2ClientCredentials' | 'oauth1';
      username?: string;
      tokenUrl?: string;
      clientId?: string;
      scope?: string;
      audience?: string;
      /** @enum {string} */
      clientAuthentication?: 'basic' | 'body';
      consumerKey?: string;
      /** @enum {string} */
      signatureMethod?: 'HMAC-SHA256' | 'HMAC-SHA1';
      realm?: string;
    };
    ClientCertificateView: {
      /** @example CN=relay of acme */
      subject: string;
      /** @description SHA-256 of the certificate */
      fingerprint: string;
      /** Format: date-time */
      expiresAt: string;
    };
    DeliverySettingsView: {
      /** @example 5000 */
      timeoutMs: number;
      /**
       * @example [
       *       5000,
       *       300000
       *     ]
       */
      retryDelaysMs: number[];
      /** @example 5 */
      disableAfter: number;
      /** @example 259200000 */
      expiresAfterMs: number;
      /**
       * @example none
       * @enum {string}
       */
      ordering: 'none' | 'latest';
      /**
       * @description requests under way at once to the endpoint; null where only the limit of delivery holds
       * @example null
       */
      concurrency: number | null;
      /**
       * @description requests a second to the endpoint; null for no limit
       * @example null
       */
      rateLimitPerS: number | null;
    };
    CreatedSubscriptionView: {
      /** @example sub_01jd3q6k2v0000000000000000 */
      id: string;
      applicationId: string;
      database: string;
      eventTypes: string[];
      /** @description an Odoo domain; null: all changes */
      filter: unknown[] | null;
      /** @description null: whatever changed */
      fieldChanges: components['schemas']['FieldChangeBody'][] | null;
      /** @description of the bodies; null: the whole record */
      shape: Record<string, never> | null;
      /** @enum {string} */
      format: 'json' | 'json-before-after' | 'cloudevents' | 'cloudevents-binary' | 'xml' | 'form';
      url: string;
      /**
       * @description how its requests are signed
       * @enum {string}
       */
      signature: 'hmac' | 'ed25519';
      /** @description whpk_…, which verifies ed25519 signatures */
      publicKey: string | null;
      /**
       * Format: date-time
       * @description until when the secret before the present one signs, too
       */
      previousSecretUntil: string | null;
      /** @description names of its custom headers */
      headerNames: string[];
      auth: components['schemas']['AuthView'] | null;
      clientCertificate: components['schemas']['ClientCertificateView'] | null;
      /** @description its own settings, as given */
      settings: components['schemas']['DeliverySettingsBody'];
      /** @description what holds: defaults, then database, then its own */
      effectiveSettings: components['schemas']['DeliverySettingsView'];
      /**
       * @description failing: some deliveries in a row are dead; disabled: by its owner, or by too many dead in a row or a 410
       * @enum {string}
       */
      state: 'active' | 'failing' | 'disabled';
      /** @description dead letters in a row */
      consecutiveDead: number;
      /**
       * Format: date-time
       * @description since when it is in this state
       */
      since: string;
      /** @description why it is failing or disabled */
      reason: string | null;
      /** @description false while its last change is not yet handed to those that deliver (Kafka is slow or down) */
      published: boolean;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
      /** @description the signing secret: shown this once and never again */
      secret: string;
      /** @description where it starts with something: GET /v1/replays/{id} */
      replayId?: string;
    };
    SubscriptionView: {
      /** @example sub_01jd3q6k2v0000000000000000 */
      id: string;
      applicationId: string;
      database: string;
      eventTypes: string[];
      /** @description an Odoo domain; null: all changes */
      filter: unknown[] | null;
      /** @description null: whatever changed */
      fieldChanges: components['schemas']['FieldChangeBody'][] | null;
      /** @description of the bodies; null: the whole record */
      shape: Record<string, never> | null;
      /** @enum {string} */
      format: 'json' | 'json-before-after' | 'cloudevents' | 'cloudevents-binary' | 'xml' | 'form';
      url: string;
      /**
       * @description how its requests are signed
       * @enum {string}
       */
      signature: 'hmac' | 'ed25519';
      /** @description whpk_…, which verifies ed25519 signatures */
      publicKey: string | null;
      /**
       * Format: date-time
       * @description until when the secret before the present one signs, too
       */
      previousSecretUntil: string | null;
      /** @description names of its custom headers */
      headerNames: string[];
      auth: components['schemas']['AuthView'] | null;
      clientCertificate: components['schemas']['ClientCertificateView'] | null;
      /** @description its own settings, as given */
      settings: components['schemas']['DeliverySettingsBody'];
      /** @description what holds: defaults, then database, then its own */
      effectiveSettings: components['schemas']['DeliverySettingsView'];
      /**
       * @description failing: some deliveries in a row are dead; disabled: by its owner, or by too many dead in a row or a 410
       * @enum {string}
       */
      state: 'active' | 'failing' | 'disabled';
      /** @description dead letters in a row */
      consecutiveDead: number;
      /**
       * Format: date-time
       * @description since when it is in this state
       */
      since: string;
      /** @description why it is failing or disabled */
      reason: string | null;
      /** @description false while its last change is not yet handed to those that deliver (Kafka is slow or down) */
      published: boolean;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
    };
    SubscriptionPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      data: components['schemas']['SubscriptionView'][];
    };
    ChangeSubscriptionBody: {
      /**
       * @description headers to add to each request: at most 20, of printable ASCII; they are not shown again
       * @example {
       *       "X-Shop": "7"
       *     }
       */
      headers?: {
        [key: string]: string;
      } | null;
      /** @description how requests authenticate, beside their signature; what is secret of it is not shown again */
      auth?:
        | (
            | components['schemas']['BasicAuthBody']
            | components['schemas']['BearerAuthBody']
            | components['schemas']['OAuth2Body']
            | components['schemas']['OAuth1Body']
          )
        | null;
      /** @description for mutual TLS, with an https:// url only; the key is not shown again */
      clientCertificate?: components['schemas']['ClientCertificateBody'] | null;
      /**
       * @description an Odoo domain: only changes for which it holds. Fields are those of the record after the change (of a delete before it), `before.<field>`, `changed`, and of the relations that changes carry
       * @example [
       *       "&",
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ],
       *       [
       *         "order_line.product_id",
       *         "in",
       *         [
       *           42,
       *           43
       *         ]
       *       ]
       *     ]
       */
      filter?: unknown[] | null;
      /** @description of updates only those in which at least one of these happened */
      fieldChanges?: components['schemas']['FieldChangeBody'][] | null;
      /**
       * @description what of a change the bodies hold: fields and relations, chosen, renamed and filtered; texts in a language; values of a company, whose records alone it gets; null for the whole record
       * @example {
       *       "fields": [
       *         "name",
       *         {
       *           "field": "amount_total",
       *           "as": "total"
       *         }
       *       ],
       *       "included": {
       *         "order_line": {
       *           "as": "lines",
       *           "fields": [
       *             "product_id",
       *             "product_uom_qty"
       *           ],
       *           "filter": [
       *             [
       *               "product_id",
       *               "=",
       *               42
       *             ]
       *           ]
       *         }
       *       },
       *       "language": "fr_FR",
       *       "companyId": 1
       *     }
       */
      shape?: Record<string, never> | null;
      /**
       * @description names of GET /v1/event-types; the first that matches a change names its delivery
       * @example [
       *       "product.created"
       *     ]
       */
      eventTypes?: string[];
      /**
       * @description of the bodies
       * @enum {string}
       */
      format?: 'json' | 'json-before-after' | 'cloudevents' | 'cloudevents-binary' | 'xml' | 'form';
      /**
       * @description http or https, without user name and password; a private address only where ALLOWED_RECEIVERS names it
       * @example https://shop.example/hooks/odoo
       */
      url?: string;
      /** @description what differs from the database's settings */
      settings?: components['schemas']['DeliverySettingsBody'];
    };
    RotateSecretBody: {
      /**
       * @description how long the present secret signs, too, in milliseconds; 0 ends it at once
       * @default 86400000
       */
      graceMs?: number;
      /**
       * @description another kind of signature than before
       * @enum {string}
       */
      signature?: 'hmac' | 'ed25519';
    };
    DatabaseSettingsView: {
      /** @example 5000 */
      timeoutMs: number;
      /**
       * @example [
       *       5000,
       *       300000
       *     ]
       */
      retryDelaysMs: number[];
      /** @example 5 */
      disableAfter: number;
      /** @example 259200000 */
      expiresAfterMs: number;
      /**
       * @example none
       * @enum {string}
       */
      ordering: 'none' | 'latest';
      /**
       * @description requests under way at once to the endpoint; null where only the limit of delivery holds
       * @example null
       */
      concurrency: number | null;
      /**
       * @description requests a second to the endpoint; null for no limit
       * @example null
       */
      rateLimitPerS: number | null;
      /** @example acme */
      database: string;
    };
    EventTypeView: {
      /** @example sale.order.confirmed */
      name: string;
      /** @example sale.order */
      model: string;
      description: string;
      operations: ('created' | 'updated' | 'deleted')[];
      /** @description at least one of these fields changed */
      changedAny: string[] | null;
      /**
       * @description an Odoo domain on the record before
       * @example [
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ]
       *     ]
       */
      before: unknown[] | null;
      /**
       * @description an Odoo domain on the record after
       * @example [
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ]
       *     ]
       */
      after: unknown[] | null;
      /** @description whether it belongs to this database alone */
      own: boolean;
    };
    EventTypePage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description by name */
      data: components['schemas']['EventTypeView'][];
    };
    EventTypeDetail: {
      /** @example sale.order.confirmed */
      name: string;
      /** @example sale.order */
      model: string;
      description: string;
      operations: ('created' | 'updated' | 'deleted')[];
      /** @description at least one of these fields changed */
      changedAny: string[] | null;
      /**
       * @description an Odoo domain on the record before
       * @example [
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ]
       *     ]
       */
      before: unknown[] | null;
      /**
       * @description an Odoo domain on the record after
       * @example [
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ]
       *     ]
       */
      after: unknown[] | null;
      /** @description whether it belongs to this database alone */
      own: boolean;
      /** @enum {string} */
      format: 'json' | 'json-before-after' | 'cloudevents' | 'cloudevents-binary' | 'xml' | 'form';
      /** @example application/json */
      contentType: string;
      /** @description a body with invented values; null where nothing of the model was captured, or none can be invented */
      example: string | null;
      /** @description JSON Schema (2020-12); null of xml and form */
      schema: Record<string, never> | null;
      /**
       * @description where the XML Schema is; of xml
       * @example /v1/schemas/event.xsd
       */
      xsd: string | null;
    };
    EventTypeBody: {
      /** @example sale.order */
      model: string;
      description: string;
      /**
       * @example [
       *       "updated"
       *     ]
       */
      operations: ('created' | 'updated' | 'deleted')[];
      /** @description at least one of these fields changed */
      changedAny?: string[];
      /**
       * @description an Odoo domain that the record fulfilled before
       * @example [
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ]
       *     ]
       */
      before?: unknown[];
      /**
       * @description an Odoo domain that the record fulfils now
       * @example [
       *       [
       *         "state",
       *         "=",
       *         "sale"
       *       ]
       *     ]
       */
      after?: unknown[];
    };
    CreateRedriveBody: {
      /**
       * @description count, and send nothing
       * @default false
       */
      dryRun?: boolean;
      /**
       * @description at most so many are sent a second
       * @default 50
       */
      ratePerS?: number;
      /** @description the dead letters of this subscription; this or `database` has to be given, not both */
      subscriptionId?: string;
      /** @description the dead letters of all subscriptions of this database */
      database?: string;
      /**
       * Format: date-time
       * @description only what died at this time or later
       * @example 2026-11-24T08:00:00Z
       */
      from?: string;
      /**
       * Format: date-time
       * @description only what died before this time
       */
      to?: string;
      /**
       * @description only what died of this
       * @enum {string}
       */
      reason?: 'attempts-exhausted' | 'expired' | 'unsendable' | 'gone' | 'subscription-disabled';
      /** @description only the deliveries with these webhook ids */
      webhookIds?: string[];
      /**
       * @description send them under new webhook ids, for a receiver that drops what it has seen already; by default they keep theirs
       * @default false
       */
      newIds?: boolean;
    };
    SelectionView: {
      subscriptionId?: string;
      database?: string;
      /** Format: date-time */
      from?: string;
      /** Format: date-time */
      to?: string;
      /** @enum {string} */
      reason?: 'attempts-exhausted' | 'expired' | 'unsendable' | 'gone' | 'subscription-disabled';
      webhookIds?: string[];
    };
    RedriveView: {
      /**
       * @description failed: nothing that passes by itself; `error` says what
       * @enum {string}
       */
      state: 'running' | 'stopped' | 'done' | 'failed';
      /** @description it only counts */
      dryRun: boolean;
      /** @description at most so many are sent a second */
      ratePerS: number;
      /** @description handed over for delivery; 0 for a dry run */
      sent: number;
      /** @description why it failed */
      error: string | null;
      /** Format: date-time */
      startedAt: string;
      /** Format: date-time */
      endedAt: string | null;
      /** @example rdr_01kasq3w7r0000000000000000 */
      id: string;
      /** @description as given */
      selection: components['schemas']['SelectionView'];
      /** @description they are sent under new webhook ids */
      newIds: boolean;
      /** @description dead letters of the selection so far: sent or skipped */
      matched: number;
      /** @description the same, by the reason of their death */
      matchedByReason: {
        [key: string]: number;
      };
      /** @description by reason: subscription-disabled, subscription-deleted, body-gone, erased, unreadable, too-large; a dry run says what would be skipped now */
      skipped: {
        [key: string]: number;
      };
      /** @description dead letters still to be looked at, of the selection or not */
      unread: number;
      /** @description what to do about those that are skipped */
      notes: string[];
    };
    RedrivePage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description the latest first */
      data: components['schemas']['RedriveView'][];
    };
    CreateReplayBody: {
      /**
       * @description count, and send nothing
       * @default false
       */
      dryRun?: boolean;
      /**
       * @description at most so many are sent a second
       * @default 50
       */
      ratePerS?: number;
      /** @description `"current-state"`: each record as it is now; `{"time": …}`: what changed since; `{"changeId": …}`: what came after this change; `"missed"`: what changed while the subscription was switched off the last time */
      from:
        | ('current-state' | 'missed')
        | {
            /**
             * Format: date-time
             * @example 2026-11-24T08:00:00Z
             */
            time: string;
          }
        | {
            changeId: string;
          };
      /**
       * @description webhook ids: the same as those of the live deliveries, or new ones, for a receiver that drops what it has seen already
       * @default same
       * @enum {string}
       */
      ids?: 'same' | 'new';
    };
    PeriodView: {
      /**
       * Format: date-time
       * @description this moment included
       */
      from: string;
      /**
       * Format: date-time
       * @description null: to the beginning of it
       */
      before: string | null;
    };
    ReplayView: {
      /**
       * @description failed: nothing that passes by itself; `error` says what
       * @enum {string}
       */
      state: 'running' | 'stopped' | 'done' | 'failed';
      /** @description it only counts */
      dryRun: boolean;
      /** @description at most so many are sent a second */
      ratePerS: number;
      /** @description handed over for delivery; 0 for a dry run */
      sent: number;
      /** @description why it failed */
      error: string | null;
      /** Format: date-time */
      startedAt: string;
      /** Format: date-time */
      endedAt: string | null;
      /** @example rpl_01kasq3w7r0000000000000000 */
      id: string;
      /** @example sub_01jd3q6k2v0000000000000000 */
      subscriptionId: string;
      /** @description as given */
      from:
        | ('current-state' | 'missed')
        | {
            /**
             * Format: date-time
             * @example 2026-11-24T08:00:00Z
             */
            time: string;
          }
        | {
            changeId: string;
          };
      /** @description when the changes were read from Odoo that it is about; null for the current state */
      period: components['schemas']['PeriodView'] | null;
      /**
       * @description webhook ids
       * @enum {string}
       */
      ids: 'same' | 'new';
      /** @description for the subscription so far: sent or skipped */
      matched: number;
      /** @description by reason: unreadable, too-large */
      skipped: {
        [key: string]: number;
      };
      /** @description records still to be looked at; null until it has begun */
      unread: number | null;
      /** @description on those that are skipped */
      notes: string[];
    };
    ReplayPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description the latest first */
      data: components['schemas']['ReplayView'][];
    };
    TrialBody: {
      /** @example sub_01jd3q6k2v0000000000000000 */
      subscriptionId?: string;
      /** @description in place of subscriptionId */
      subscription?: components['schemas']['CreateSubscriptionBody'];
      /**
       * @description only changes of this model
       * @example sale.order
       */
      model?: string;
      /** @description only changes of this record */
      recordId?: number;
      /** @description only this change */
      changeId?: string;
      /**
       * @description in place of the last changes: one that is made up, or a body of the format json-before-after as it was received
       * @example {
       *       "model": "sale.order",
       *       "before": {
       *         "state": "draft"
       *       },
       *       "after": {
       *         "state": "sale",
       *         "amount_total": 1500.5
       *       }
       *     }
       */
      change?: Record<string, never>;
      /** @default 10 */
      limit?: number;
    };
    ReasonView: {
      /** @enum {string} */
      part: 'eventTypes' | 'companyId' | 'fieldChanges' | 'filter';
      message?: string;
      /**
       * @description of the condition in the filter
       * @example [2]
       */
      position?: string;
      /** @description whether the condition holds */
      holds?: boolean;
      /**
       * @description what the record has there
       * @example draft
       */
      found?: Record<string, never> | null;
    };
    TrialRequestView: {
      /** @example POST */
      method: string;
      url: string;
      /**
       * @description by name; credentials are not shown, and a subscription that is not created yet signs nothing
       * @example {
       *       "content-type": "application/json"
       *     }
       */
      headers: Record<string, never>;
      body: string;
    };
    TrialView: {
      changeId: string;
      /** @example sale.order,17 */
      record: string;
      /** @enum {string} */
      op: 'c' | 'u' | 'd' | 'r';
      changed: string[] | null;
      /** Format: date-time */
      readAt: string;
      matches: boolean;
      eventType: string | null;
      /** @description what decided; empty where all changes of the type are wanted */
      decidedBy: components['schemas']['ReasonView'][];
      /** @description why it cannot be told, or no body be written */
      problem: string | null;
      request: components['schemas']['TrialRequestView'] | null;
    };
    TrialList: {
      /** @description the newest first, at most `limit` */
      data: components['schemas']['TrialView'][];
    };
    CreateApplicationBody: {
      /** @description what it does, for whoever approves it */
      description?: string;
      /** @example https://shipper.example */
      website?: string | null;
      /** @example ops@shipper.example */
      contactEmail?: string | null;
      /**
       * @description is sent what happens to its subscriptions, signed; a new one is answered with its noticeSecret, once; null: nothing is sent
       * @example https://shipper.example/odoo/notices
       */
      noticeUrl?: string | null;
      /** @description the most that its credentials can have */
      scopes?: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** @description slugs of Odoo databases; null: all */
      databases?: string[] | null;
      /**
       * @description null: all
       * @example [
       *       "sale.order"
       *     ]
       */
      models?: string[] | null;
      /** @description ids of companies, of which a subscription has to name one as shape.companyId; null: all */
      companyIds?: number[] | null;
      /**
       * @description where OAuth may send people back to, to the letter: https, or http on the same machine
       * @example [
       *       "https://shipper.example/odoo/connected"
       *     ]
       */
      redirectUrls?: string[];
      /** @example Shipper */
      name: string;
    };
    WrittenApplicationView: {
      /** @example app_01jd3q6k2v0000000000000000 */
      id: string;
      name: string;
      description: string;
      website: string | null;
      contactEmail: string | null;
      noticeUrl: string | null;
      /** @enum {string} */
      state: 'pending' | 'approved' | 'rejected' | 'suspended';
      scopes: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** @description null: all */
      databases: string[] | null;
      /** @description null: all */
      models: string[] | null;
      /** @description null: all */
      companyIds: number[] | null;
      redirectUrls: string[];
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
      /** @description signs what is sent to noticeUrl; shown this once, where noticeUrl is a new one */
      noticeSecret?: string;
    };
    ApplicationView: {
      /** @example app_01jd3q6k2v0000000000000000 */
      id: string;
      name: string;
      description: string;
      website: string | null;
      contactEmail: string | null;
      noticeUrl: string | null;
      /** @enum {string} */
      state: 'pending' | 'approved' | 'rejected' | 'suspended';
      scopes: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** @description null: all */
      databases: string[] | null;
      /** @description null: all */
      models: string[] | null;
      /** @description null: all */
      companyIds: number[] | null;
      redirectUrls: string[];
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
    };
    ApplicationPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      data: components['schemas']['ApplicationView'][];
    };
    ChangeApplicationBody: {
      /** @description what it does, for whoever approves it */
      description?: string;
      /** @example https://shipper.example */
      website?: string | null;
      /** @example ops@shipper.example */
      contactEmail?: string | null;
      /**
       * @description is sent what happens to its subscriptions, signed; a new one is answered with its noticeSecret, once; null: nothing is sent
       * @example https://shipper.example/odoo/notices
       */
      noticeUrl?: string | null;
      /** @description the most that its credentials can have */
      scopes?: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** @description slugs of Odoo databases; null: all */
      databases?: string[] | null;
      /**
       * @description null: all
       * @example [
       *       "sale.order"
       *     ]
       */
      models?: string[] | null;
      /** @description ids of companies, of which a subscription has to name one as shape.companyId; null: all */
      companyIds?: number[] | null;
      /**
       * @description where OAuth may send people back to, to the letter: https, or http on the same machine
       * @example [
       *       "https://shipper.example/odoo/connected"
       *     ]
       */
      redirectUrls?: string[];
      /** @example Shipper */
      name?: string;
      /**
       * @description nothing is sent to the subscriptions of one that is not approved
       * @enum {string}
       */
      state?: 'approved' | 'rejected' | 'suspended';
    };
    CreateCredentialBody: {
      /** @enum {string} */
      kind: 'api-key' | 'oauth2-client' | 'oauth1-consumer';
      /** @description to tell it from others */
      name?: string;
      /** @description all of the application's where it is left out */
      scopes?: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /**
       * @description of an oauth2-client: how it shows its secret (client_secret_basic where it is left out); none: it has none and is public
       * @enum {string}
       */
      authMethod?: 'client_secret_basic' | 'client_secret_post' | 'none';
      /** @description of an oauth1-consumer that signs with RSA-SHA1: its public key in PEM */
      publicKey?: string;
    };
    CreatedCredentialView: {
      /** @description of OAuth: the client id, or the consumer key */
      id: string;
      /** @enum {string} */
      kind: 'api-key' | 'oauth2-client' | 'oauth1-consumer';
      name: string;
      scopes: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /**
       * @description of an oauth2-client
       * @enum {string|null}
       */
      authMethod: 'client_secret_basic' | 'client_secret_post' | 'none' | null;
      /**
       * Format: date-time
       * @description while its secret is replaced: until when the one before is good, too
       */
      previousSecretUntil: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      revokedAt: string | null;
      /** @description shown this once: the API key, the client secret, or the consumer secret */
      secret: string;
    };
    CredentialView: {
      /** @description of OAuth: the client id, or the consumer key */
      id: string;
      /** @enum {string} */
      kind: 'api-key' | 'oauth2-client' | 'oauth1-consumer';
      name: string;
      scopes: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /**
       * @description of an oauth2-client
       * @enum {string|null}
       */
      authMethod: 'client_secret_basic' | 'client_secret_post' | 'none' | null;
      /**
       * Format: date-time
       * @description while its secret is replaced: until when the one before is good, too
       */
      previousSecretUntil: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      revokedAt: string | null;
    };
    CredentialPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      data: components['schemas']['CredentialView'][];
    };
    RotateCredentialBody: {
      /**
       * @description how long the present secret is good, too, in milliseconds; 0 ends it at once
       * @default 86400000
       */
      graceMs?: number;
    };
    RegisterApplicationBody: {
      /** @description what it does, for whoever approves it */
      description?: string;
      /** @example https://shipper.example */
      website?: string | null;
      /** @example ops@shipper.example */
      contactEmail?: string | null;
      /**
       * @description is sent what happens to its subscriptions, signed; a new one is answered with its noticeSecret, once; null: nothing is sent
       * @example https://shipper.example/odoo/notices
       */
      noticeUrl?: string | null;
      /** @description the most that its credentials can have */
      scopes?: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** @description slugs of Odoo databases; null: all */
      databases?: string[] | null;
      /**
       * @description null: all
       * @example [
       *       "sale.order"
       *     ]
       */
      models?: string[] | null;
      /** @description ids of companies, of which a subscription has to name one as shape.companyId; null: all */
      companyIds?: number[] | null;
      /**
       * @description where OAuth may send people back to, to the letter: https, or http on the same machine
       * @example [
       *       "https://shipper.example/odoo/connected"
       *     ]
       */
      redirectUrls?: string[];
      /** @example Shipper */
      name: string;
    };
    RegisteredApplicationView: {
      /** @example app_01jd3q6k2v0000000000000000 */
      id: string;
      name: string;
      description: string;
      website: string | null;
      contactEmail: string | null;
      noticeUrl: string | null;
      /** @enum {string} */
      state: 'pending' | 'approved' | 'rejected' | 'suspended';
      scopes: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** @description null: all */
      databases: string[] | null;
      /** @description null: all */
      models: string[] | null;
      /** @description null: all */
      companyIds: number[] | null;
      redirectUrls: string[];
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
      /** @description signs what is sent to noticeUrl; shown this once, where noticeUrl is a new one */
      noticeSecret?: string;
      /** @description shown this once; it reads the state of the application, and does the rest once it is approved */
      apiKey: string;
    };
    ConsentView: {
      /** @description of OAuth 1.0a the token, o1t_…; of OAuth 2 the grant, gnt_… */
      id: string;
      /** @enum {string} */
      kind: 'oauth1-token' | 'oauth2-grant';
      applicationId: string;
      /** @description the client, or the consumer, that it was given */
      credentialId: string;
      /** @description who has allowed it */
      accountId: string;
      /** @description what it can do now: what was allowed, and credential and application still have */
      scopes: ('subscriptions:read' | 'subscriptions:write' | 'deliveries:read' | 'replay' | 'admin')[];
      /** Format: date-time */
      createdAt: string;
      /**
       * Format: date-time
       * @description within a minute; null: never as yet
       */
      lastUsedAt: string | null;
      /**
       * Format: date-time
       * @description null: when it is revoked
       */
      endsAt: string | null;
    };
    ConsentPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      data: components['schemas']['ConsentView'][];
    };
    RequestView: {
      /** @example POST */
      method: string;
      /** @description the URL that was asked; null where it is not known any more */
      url: string | null;
    };
    ResponseView: {
      /** @description HTTP status; null where there was no answer */
      status: number | null;
      /** @description the first 20 KB of the answer */
      body: string | null;
      /** @description from the request to the answer, or until it was given up */
      durationMs: number;
    };
    AttemptView: {
      subscriptionId: string;
      database: string;
      /** @example sale.order,42 */
      record: string;
      changeId: string;
      /** @example sale.order.confirmed */
      eventType: string;
      /** Format: date-time */
      at: string;
      /**
       * @description delivered, gone, failed, timedOut, unsendable: of a request; dead, expired: it became a dead letter; dropped: its subscription was deleted; superseded: a newer change of the record went out already
       * @example delivered
       */
      outcome: string;
      /** @description GET /v1/deliveries/{webhookId} shows all of it */
      webhookId: string;
      /** @description rises per record; a whole number as text */
      sequence: string;
      /**
       * Format: date-time
       * @description when the change was read from Odoo
       */
      committedAt: string;
      /** @description 1 for the first request */
      attempt: number;
      /** @description null where none was made */
      request: components['schemas']['RequestView'] | null;
      response: components['schemas']['ResponseView'] | null;
      /** @description what went wrong */
      error: string | null;
      /**
       * @description why it is dead
       * @example attempts-exhausted
       */
      reason: string | null;
      /** @description id of the redrive or replay that sent it */
      redrive: string | null;
      /** @description what was answered and the error were erased on request: POST /v1/erasures */
      erased: boolean;
      /**
       * @description partition and offset in relay.attempts
       * @example 3/1042
       */
      position: string;
    };
    AttemptPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description the latest first */
      data: components['schemas']['AttemptView'][];
    };
    DeliveryView: {
      subscriptionId: string;
      database: string;
      /** @example sale.order,42 */
      record: string;
      changeId: string;
      /** @example sale.order.confirmed */
      eventType: string;
      webhookId: string;
      /**
       * @description waiting: it is tried again; dead: POST /v1/deliveries/{webhookId}/resend sends it once more
       * @enum {string}
       */
      state: 'delivered' | 'waiting' | 'dead' | 'dropped' | 'superseded' | 'unknown';
      /**
       * Format: date-time
       * @description since when
       */
      stateSince: string;
      /** @description in the order in which they happened, at most the last 500 */
      attempts: components['schemas']['AttemptView'][];
    };
    LatencyView: {
      p50: number | null;
      p95: number | null;
      p99: number | null;
    };
    StatisticsStepView: {
      /**
       * Format: date-time
       * @description when it begins
       */
      from: string;
      /**
       * @description how many attempts had which outcome
       * @example {
       *       "delivered": 118,
       *       "failed": 2
       *     }
       */
      outcomes: {
        [key: string]: number;
      };
      /** @description how many requests were made */
      requests: number;
      /** @description of the requests, 0 to 1; null without any */
      successShare: number | null;
      /** @description how long the requests took */
      latencyMs: components['schemas']['LatencyView'];
    };
    StatisticsView: {
      subscriptionId: string;
      /** Format: date-time */
      since: string;
      /** Format: date-time */
      until: string;
      /** @example 1h */
      step: string;
      /** @description of the whole time */
      total: components['schemas']['StatisticsStepView'];
      /** @description each step, also those without an attempt */
      steps: components['schemas']['StatisticsStepView'][];
    };
    SentTestView: {
      /** @description GET /v1/deliveries/{webhookId} tells what became of it */
      webhookId: string;
      subscriptionId: string;
      /** @example test-5f0c6a1b2d3e4f5a6b */
      changeId: string;
      /** @example relay.test */
      eventType: string;
      /** @example application/json */
      contentType: string;
      /** @description as it is sent */
      body: string;
    };
    AuditEntryView: {
      id: string;
      /** Format: date-time */
      at: string;
      /** @example administrator */
      principalKind: string;
      /** @example admin-key */
      principalId: string;
      clientAddress: string;
      /** @description X-Request-Id of the answer */
      requestId: string;
      /** @example PATCH */
      method: string;
      /** @example /v1/subscriptions/:id */
      route: string;
      /** @description 403: it was refused */
      status: number;
      /** @description what was changed, its path below /v1 */
      resource: string | null;
      /** @description by field; of secrets only that they were changed */
      changes: {
        [key: string]: {
          before?: unknown;
          after?: unknown;
        };
      };
    };
    AuditLogPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description the latest first */
      data: components['schemas']['AuditEntryView'][];
    };
    CreateErasureBody: {
      /**
       * @description the Odoo database that the records are of
       * @example acme
       */
      database: string;
      /**
       * @description a person is often several: the partner, the lead, the orders
       * @example [
       *       "res.partner,42"
       *     ]
       */
      records: string[];
    };
    ErasureView: {
      /** @example ers_01kasq3w7r0000000000000000 */
      id: string;
      /**
       * Format: date-time
       * @description what was committed in Odoo up to this time is erased, also where it comes later
       */
      at: string;
      /**
       * @description who asked for it
       * @example administrator
       */
      principalKind: string;
      /** @example admin-key */
      principalId: string;
      /** @example acme */
      database: string;
      /**
       * @example [
       *       "res.partner,42"
       *     ]
       */
      records: string[];
      /**
       * @description running: of some attempts the answers are still there; it goes on, through restarts
       * @enum {string}
       */
      state: 'running' | 'done';
      /** @description attempts of the history whose answers and errors are gone, so far */
      attempts: number;
    };
    ErasurePage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description the latest first */
      data: components['schemas']['ErasureView'][];
    };
    EventView: {
      /** @description its ce_id in relay.events */
      id: string;
      /** @example subscription.disabled */
      type: string;
      /** Format: date-time */
      at: string;
      database: string;
      /** @description null where it is of no subscription */
      subscriptionId: string | null;
      /** @description what else relay.events says of it */
      data: {
        [key: string]: unknown;
      };
      /** @description what has happened, for a person */
      what: string;
      /** @description what to do about it */
      whatToDo: string;
    };
    EventPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      /** @description the latest first */
      data: components['schemas']['EventView'][];
    };
    CreateAccountBody: {
      /** @example ada@example.com */
      email: string;
      /** @description left out, the answer holds a link with which the person sets one */
      password?: string;
    };
    InvitedAccountView: {
      /** @example usr_01kasq3v5e8m2x7qp4d9hr6tn0 */
      id: string;
      email: string;
      /**
       * @description "invited" until the person has a way to sign in
       * @enum {string}
       */
      state: 'invited' | 'active' | 'disabled';
      /** @description whether a code is asked for after the password */
      twoFactor: boolean;
      /** @description whether the person has signed in by the external provider */
      external: boolean;
      /** Format: date-time */
      lastSignInAt: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
      /** @description shown this once: where the person sets a password; null where one was given */
      invitationUrl: string | null;
      /**
       * Format: date-time
       * @description how long the link is good
       */
      invitationUntil: string | null;
    };
    AccountView: {
      /** @example usr_01kasq3v5e8m2x7qp4d9hr6tn0 */
      id: string;
      email: string;
      /**
       * @description "invited" until the person has a way to sign in
       * @enum {string}
       */
      state: 'invited' | 'active' | 'disabled';
      /** @description whether a code is asked for after the password */
      twoFactor: boolean;
      /** @description whether the person has signed in by the external provider */
      external: boolean;
      /** Format: date-time */
      lastSignInAt: string | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      updatedAt: string;
    };
    AccountPage: {
      /** @description for the next page; null on the last */
      nextCursor: string | null;
      data: components['schemas']['AccountView'][];
    };
    ChangeAccountBody: {
      /** @description who is disabled is signed out everywhere */
      enabled: boolean;
    };
    OAuth1TokenView: {
      applicationId: string;
      /** @example Shop */
      applicationName: string;
      /** @description null where the application acts for itself */
      token: string | null;
    };
    FieldErrorView: {
      /** @example settings.timeoutMs */
      field: string;
      /** @example invalid */
      code: string;
      /** @example must be a whole number from 100 to 60000 */
      message: string;
    };
    ProblemView: {
      /** @example urn:odoo-relay:problem:validation_failed */
      type: string;
      /** @example Some fields are not right */
      title: string;
      /** @example 422 */
      status: number;
      /**
       * @description stable: made for programs
       * @enum {string}
       */
      code:
        | 'malformed_json'
        | 'unauthorized'
        | 'insufficient_scope'
        | 'application_not_approved'
        | 'registrations_closed'
        | 'application_not_found'
        | 'application_in_use'
        | 'credential_not_found'
        | 'consent_not_found'
        | 'credential_not_rotatable'
        | 'too_many_registrations'
        | 'subscription_not_found'
        | 'event_type_not_found'
        | 'event_type_in_use'
        | 'delivery_not_found'
        | 'delivery_not_dead'
        | 'subscription_disabled'
        | 'replay_not_found'
        | 'redrive_not_found'
        | 'erasure_not_found'
        | 'account_not_found'
        | 'email_in_use'
        | 'database_not_found'
        | 'route_not_found'
        | 'request_timeout'
        | 'idempotency_key_in_use'
        | 'precondition_failed'
        | 'body_too_large'
        | 'unsupported_media_type'
        | 'oauth1_malformed'
        | 'oauth1_parameter_twice'
        | 'oauth1_parameters_mixed'
        | 'oauth1_parameter_missing'
        | 'oauth1_version_refused'
        | 'oauth1_method_refused'
        | 'oauth1_timestamp_refused'
        | 'oauth1_body_unsigned'
        | 'oauth1_signature_wrong'
        | 'oauth1_nonce_used'
        | 'oauth1_callback_refused'
        | 'oauth1_verifier_refused'
        | 'validation_failed'
        | 'idempotency_key_reused'
        | 'rate_limited'
        | 'headers_too_large'
        | 'request_refused'
        | 'internal_error'
        | 'postgres_unavailable'
        | 'kafka_unavailable'
        | 'registry_unavailable';
      /** @description what is wrong and what to do, for people */
      detail: string;
      errors?: components['schemas']['FieldErrorView'][];
    };
  };
  responses: {
    /** @description The request cannot be read */
    BadRequest: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description Nobody says who makes the request, or it is not believed */
    Unauthorized: {
      headers: {
        'WWW-Authenticate': components['headers']['WwwAuthenticate'];
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description Whoever makes the request may not do this */
    Forbidden: {
      headers: {
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description The request did not come in time; the connection is closed */
    RequestTimeout: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description The body is too large */
    BodyTooLarge: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description The body is not sent as JSON */
    UnsupportedMediaType: {
      headers: {
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description Too many requests: try again when `Retry-After` says */
    RateLimited: {
      headers: {
        'Retry-After': components['headers']['RetryAfter'];
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description The headers are too large; the connection is closed */
    HeadersTooLarge: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description Something unexpected went wrong */
    InternalError: {
      headers: {
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
    /** @description Postgres or Kafka does not answer: nothing was changed, try again */
    Unavailable: {
      headers: {
        'Retry-After': components['headers']['RetryAfter'];
        RateLimit: components['headers']['RateLimit'];
        'RateLimit-Policy': components['headers']['RateLimitPolicy'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemView'];
      };
    };
  };
  parameters: {
    /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
    IdempotencyKey: string;
  };
  requestBodies: never;
  headers: {
    /** @description how many requests are left (`r`) and in how many seconds they are all there again (`t`) */
    RateLimit: string;
    /** @description how many requests (`q`) are answered in how many seconds (`w`) */
    RateLimitPolicy: string;
    /** @description `true` where it is the answer of an earlier request with the same key */
    IdempotentReplayed: 'true';
    /** @description seconds to wait */
    RetryAfter: number;
    /** @description how to say who makes the request */
    WwwAuthenticate: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  'Subscriptions.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description only those of this database */
        database?: string;
        /** @description only those of this application */
        applicationId?: string;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubscriptionPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateSubscriptionBody'];
      };
    };
    responses: {
      201: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedSubscriptionView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.read': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what is known */
        'If-None-Match'?: string;
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubscriptionView'];
        };
      };
      /** @description It is still of this version */
      304: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.change': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangeSubscriptionBody'];
      };
    };
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubscriptionView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.enable': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubscriptionView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.disable': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SubscriptionView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Subscriptions.rotateSecret': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RotateSecretBody'];
      };
    };
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedSubscriptionView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'DatabaseSettings.read': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what is known */
        'If-None-Match'?: string;
      };
      path: {
        /** @description slug of the Odoo database */
        database: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DatabaseSettingsView'];
        };
      };
      /** @description It is still of this version */
      304: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'DatabaseSettings.replace': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description slug of the Odoo database */
        database: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['DeliverySettingsBody'];
      };
    };
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DatabaseSettingsView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'EventTypes.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description with those that this database has of its own */
        database?: string;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventTypePage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'EventTypes.read': {
    parameters: {
      query?: {
        /** @description of whose columns the bodies are; may be left out where there is but one */
        database?: string;
        format?: 'json' | 'json-before-after' | 'cloudevents' | 'cloudevents-binary' | 'xml' | 'form';
      };
      header?: never;
      path: {
        /** @description e.g. shop.order_ready */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventTypeDetail'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'EventTypes.readOwn': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what is known */
        'If-None-Match'?: string;
      };
      path: {
        /** @description slug of the Odoo database */
        database: string;
        /** @description e.g. shop.order_ready */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventTypeView'];
        };
      };
      /** @description It is still of this version */
      304: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'EventTypes.put': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description slug of the Odoo database */
        database: string;
        /** @description e.g. shop.order_ready */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['EventTypeBody'];
      };
    };
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventTypeView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'EventTypes.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description slug of the Odoo database */
        database: string;
        /** @description e.g. shop.order_ready */
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Redrives.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RedrivePage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Redrives.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateRedriveBody'];
      };
    };
    responses: {
      201: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RedriveView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Redrives.read': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description id of the redrive, rdr_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RedriveView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Redrives.stop': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the redrive, rdr_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RedriveView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Replays.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplayPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Replays.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateReplayBody'];
      };
    };
    responses: {
      201: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplayView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Replays.read': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description id of the replay, rpl_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplayView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Replays.stop': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the replay, rpl_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ReplayView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Trials.try': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['TrialBody'];
      };
    };
    responses: {
      200: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TrialList'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Applications.list': {
    parameters: {
      query?: {
        limit?: number;
        state?: 'pending' | 'approved' | 'rejected' | 'suspended';
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApplicationPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Applications.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateApplicationBody'];
      };
    };
    responses: {
      201: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WrittenApplicationView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Applications.read': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what is known */
        'If-None-Match'?: string;
      };
      path: {
        /** @description id of the application, app_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApplicationView'];
        };
      };
      /** @description It is still of this version */
      304: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Applications.delete': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description id of the application, app_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Applications.change': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description id of the application, app_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangeApplicationBody'];
      };
    };
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WrittenApplicationView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Credentials.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description id of the application, app_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CredentialPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Credentials.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the application, app_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateCredentialBody'];
      };
    };
    responses: {
      201: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedCredentialView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Credentials.rotateSecret': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the application, app_… */
        id: string;
        /** @description key_…, cli_… or con_… */
        credentialId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RotateCredentialBody'];
      };
    };
    responses: {
      200: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedCredentialView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Credentials.revoke': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description id of the application, app_… */
        id: string;
        /** @description key_…, cli_… or con_… */
        credentialId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CredentialView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Registrations.register': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RegisterApplicationBody'];
      };
    };
    responses: {
      201: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RegisteredApplicationView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Consents.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description of one application; an application sees its own alone */
        applicationId?: string;
        /** @description what one account has allowed */
        accountId?: string;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConsentPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Consents.revoke': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description o1t_… or gnt_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'History.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description only those of this subscription, be it deleted */
        subscriptionId?: string;
        /** @description only those of this Odoo database */
        database?: string;
        /** @description only those of this record */
        record?: string;
        /** @description only those of this delivery */
        webhookId?: string;
        /** @description only those of this change */
        changeId?: string;
        eventType?: string;
        /** @description only those with one of these outcomes, separated by commas: delivered, gone, failed, timedOut, unsendable, dead, expired, dropped, superseded */
        outcome?: string;
        /** @description only those at this time or later */
        since?: string;
        /** @description only those before this time */
        until?: string;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AttemptPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'History.read': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description its webhook-id, msg_… */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'History.statistics': {
    parameters: {
      query?: {
        /** @description a day before `until` by default */
        since?: string;
        /** @description now by default */
        until?: string;
        step?: '1m' | '5m' | '15m' | '1h' | '6h' | '1d';
      };
      header?: never;
      path: {
        /** @description id of the subscription, sub_…, be it deleted */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['StatisticsView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Sendings.test': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the subscription, sub_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      202: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentTestView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Sendings.sendOnceMore': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description its webhook-id, msg_… */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      201: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RedriveView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'AuditLog.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description only what this one has done, by its id */
        principal?: string;
        /** @description only what was done to this one */
        resource?: string;
        /** @description only what was done then or later */
        since?: string;
        /** @description only what was done before */
        until?: string;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditLogPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Erasures.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ErasurePage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Erasures.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateErasureBody'];
      };
    };
    responses: {
      201: {
        headers: {
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ErasureView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Erasures.read': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description id of the erasure, ers_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ErasureView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Events.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description only those of this kind */
        type?: string;
        /** @description only those of this subscription, be it deleted */
        subscriptionId?: string;
        /** @description only those of this Odoo database */
        database?: string;
        /** @description only those at this time or later */
        since?: string;
        /** @description only those before this time */
        until?: string;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Accounts.list': {
    parameters: {
      query?: {
        limit?: number;
        /** @description nextCursor of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountPage'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Accounts.create': {
    parameters: {
      query?: never;
      header?: {
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateAccountBody'];
      };
    };
    responses: {
      201: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['InvitedAccountView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Accounts.read': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what is known */
        'If-None-Match'?: string;
      };
      path: {
        /** @description id of the account, usr_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountView'];
        };
      };
      /** @description It is still of this version */
      304: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content?: never;
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Accounts.change': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
      };
      path: {
        /** @description id of the account, usr_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangeAccountBody'];
      };
    };
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AccountView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Some fields are not right; `errors` names each */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
  'Accounts.reset': {
    parameters: {
      query?: never;
      header?: {
        /** @description the ETag of what was read: the change is refused where it is another one now; without it, it is made */
        'If-Match'?: string;
        /** @description a new one for each request, e.g. a UUID, and the same when it is sent again: for 24 h what was done once is not done again, and its answer is given again. A request that was refused frees its key. */
        'Idempotency-Key'?: components['parameters']['IdempotencyKey'];
      };
      path: {
        /** @description id of the account, usr_… */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          /** @description the version of what can be changed; its state, counts and the settings it inherits are no part of it */
          ETag?: string;
          'Idempotent-Replayed': components['headers']['IdempotentReplayed'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['InvitedAccountView'];
        };
      };
      400: components['responses']['BadRequest'];
      401: components['responses']['Unauthorized'];
      403: components['responses']['Forbidden'];
      /** @description There is no such thing */
      404: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      408: components['responses']['RequestTimeout'];
      /** @description It cannot be done as things stand, or a request with the same key is under way */
      409: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      /** @description It was changed meanwhile: `If-Match` names another version */
      412: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      413: components['responses']['BodyTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      /** @description Fields are not right, or the key stands for another request */
      422: {
        headers: {
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ProblemView'];
        };
      };
      429: components['responses']['RateLimited'];
      431: components['responses']['HeadersTooLarge'];
      500: components['responses']['InternalError'];
      503: components['responses']['Unavailable'];
    };
  };
}
