import { AddAccounts1795990100000 } from './add-accounts.js';
import { AddApplications1796100000000 } from './add-applications.js';
import { AddAskedUrls1796320000000 } from './add-asked-urls.js';
import { AddAuditLog1796042000000 } from './add-audit-log.js';
import { AddConsents1796141000000 } from './add-consents.js';
import { AddCredentialRotation1796140000000 } from './add-credential-rotation.js';
import { AddCredentials1795600000000 } from './add-credentials.js';
import { AddErasureProgress1796211000000 } from './add-erasure-progress.js';
import { AddErasures1796121000000 } from './add-erasures.js';
import { AddHistory1796031000000 } from './add-history.js';
import { AddIdempotencyKeys1796041000000 } from './add-idempotency-keys.js';
import { AddListening1795860000000 } from './add-listening.js';
import { AddMoreVersions1796210000000 } from './add-more-versions.js';
import { AddNoticeUrls1796131000000 } from './add-notice-urls.js';
import { AddNotices1796130000000 } from './add-notices.js';
import { AddNoticesInHand1796310000000 } from './add-notices-in-hand.js';
import { AddOAuth21796110000000 } from './add-oauth2.js';
import { AddRedrives1795616338450 } from './add-redrives.js';
import { AddReplays1795936000000 } from './add-replays.js';
import { AddSecretsRotation1796120000000 } from './add-secrets-rotation.js';
import { AddSignedRequests1795990400000 } from './add-signed-requests.js';
import { AddVersions1796040000000 } from './add-versions.js';
import { CreateControlSchema1767225600000 } from './create-control-schema.js';

/** What brings the tables up to date, in the order of their times. */
export const migrations = [
  CreateControlSchema1767225600000,
  AddCredentials1795600000000,
  AddRedrives1795616338450,
  AddListening1795860000000,
  AddReplays1795936000000,
  AddAccounts1795990100000,
  AddSignedRequests1795990400000,
  AddHistory1796031000000,
  AddVersions1796040000000,
  AddIdempotencyKeys1796041000000,
  AddAuditLog1796042000000,
  AddApplications1796100000000,
  AddOAuth21796110000000,
  AddSecretsRotation1796120000000,
  AddErasures1796121000000,
  AddNotices1796130000000,
  AddNoticeUrls1796131000000,
  AddCredentialRotation1796140000000,
  AddConsents1796141000000,
  AddMoreVersions1796210000000,
  AddErasureProgress1796211000000,
  AddNoticesInHand1796310000000,
  AddAskedUrls1796320000000,
];
