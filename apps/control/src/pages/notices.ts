/** What a page can say when another has led to it. */
const notices = {
  'signed-out': 'You are signed out.',
  'password-set': 'Your password is set. Sign in with it.',
  'password-changed': 'Your password is changed. You are signed out everywhere else.',
  'taken-back': 'It is taken back. The application has no access in your name by it any more.',
  'second-step-off': 'No code is asked for any more when you sign in.',
} as const;

export type Notice = keyof typeof notices;

export function noticeOf(given: unknown): string | undefined {
  const name = Object.keys(notices).find((each): each is Notice => each === given);
  return name && notices[name];
}
