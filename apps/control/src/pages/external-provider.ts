/** The provider people may sign in by instead; undefined where none is set up. */
export class ExternalProvider {
  constructor(readonly name: string | undefined) {}
}
