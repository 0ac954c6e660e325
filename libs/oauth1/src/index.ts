export { authorizationHeader } from './authorization-header.js';
export { isForm, signatureBase, type Parameter, type RequestToSign } from './base-string.js';
export { percentEncoded } from './parameters.js';
export {
  readSignedRequest,
  type ReadRequest,
  type ReceivedRequest,
  type SignedRequest,
} from './received-request.js';
export { refusals, refused, type Refusal, type RefusalCode } from './refusal.js';
export {
  bodyHash,
  hmacSignature,
  isRightSignature,
  isSameText,
  rsaSignature,
  signatureMethods,
  type HmacMethod,
  type SignatureMethod,
  type VerificationKeys,
} from './signature.js';
export { timestampWindowS } from './timestamp.js';
