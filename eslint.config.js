import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

const lengthLimits = {
  'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
};

/** An app never imports another app, and a library none. */
const appNames = ['ingest', 'router', 'delivery', 'control'];
const zones = [
  ...appNames.map((app) => ({ target: `./apps/${app}`, from: './apps', except: [`./${app}`] })),
  { target: './libs', from: './apps' },
];

/** Every request of the system goes through the guard of libs/outbound; libs/kafka has its own of the registry. */
const outgoing = '#libs/outbound makes outgoing connections, and nobody else: see docs/adr/0022.';
const restrictedImports = {
  paths: [
    { name: 'kafkajs', message: 'Only libs/kafka knows kafkajs.' },
    ...['undici', 'node:http2', 'node:dgram', 'axios', 'got', 'node-fetch', 'ws'].map((name) => ({
      name,
      message: outgoing,
    })),
    ...['node:http', 'node:https'].map((name) => ({
      name,
      importNames: ['default', 'request', 'get', 'Agent', 'globalAgent', 'ClientRequest'],
      message: outgoing,
    })),
    ...['node:net', 'node:tls'].map((name) => ({
      name,
      importNames: ['default', 'connect', 'createConnection', 'Socket', 'TLSSocket'],
      message: outgoing,
      allowTypeImports: true,
    })),
  ],
  patterns: [
    {
      group: ['**/libs/*/src/*', '!#libs/*'],
      message: "Import a library by its name, '#libs/<name>'.",
    },
    { regex: '^(http|https|http2|net|tls|dgram|undici/.*)$', message: outgoing },
  ],
};

export default tseslint.config(
  { ignores: ['dist/**', 'run/**', 'node_modules/**', 'libs/client/src/api.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
    },
    rules: {
      ...lengthLimits,
      'import-x/no-restricted-paths': ['error', { zones }],
      '@typescript-eslint/no-restricted-imports': ['error', restrictedImports],
      'no-restricted-globals': [
        'error',
        ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => ({
          name,
          message: outgoing,
        })),
      ],
      'import-x/no-cycle': 'error',
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only libs/config reads the environment.' },
        {
          object: 'URL',
          property: 'canParse',
          message: 'It is wrong on Node 20 (see parseUrl of libs/process).',
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false },
      ],
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    // Tests, benchmarks, the client and what starts the servers on this machine talk to our own apps.
    files: [
      'libs/outbound/**/*.ts',
      'libs/client/**/*.ts',
      '**/*.test.ts',
      'apps/*/test/**/*.ts',
      'test/**/*.ts',
      'bench/**/*.ts',
      'docker/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          ...restrictedImports,
          paths: restrictedImports.paths.filter(({ message }) => message !== outgoing),
        },
      ],
      'no-restricted-globals': 'off',
    },
  },
  {
    files: ['libs/kafka/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': 'off', 'no-restricted-globals': 'off' },
  },
  {
    files: [
      'libs/config/src/environment.ts',
      'docker/**/*.ts',
      'test/**/*.ts',
      'bench/**/*.ts',
      'scripts/**/*.ts',
    ],
    rules: { 'no-restricted-properties': 'off', 'no-console': 'off' },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/expect-expect': 'off',
      'max-lines-per-function': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        fetch: 'readonly',
      },
    },
  },
);
