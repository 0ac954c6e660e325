export type { components, paths } from './api.js';
export {
  ApiProblem,
  createClient,
  entries,
  type ApiClient,
  type ClientOptions,
  type ProblemDocument,
} from './client.js';
