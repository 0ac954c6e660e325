export { authorizationHeader } from './authorization-header.js';
export { isForm, signatureBase, type Parameter, type RequestToSign } from './base-string.js';
export { bodyHash, hmacSignature } from './signature.js';
