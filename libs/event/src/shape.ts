/** What of a change a body holds, as a subscription asks for it. JSON text in `Subscription.shape`. */
export interface Shape {
  /** Columns of the record, in this order; null: all. */
  fields: readonly ChosenField[] | null;
  /** Relations that the change carries, by name: those not named are left out; null: all, whole. */
  included: Readonly<Record<string, ShapedRelation>> | null;
  /** Translated columns in this language where they have it, e.g. `fr_FR`; null: the database's. */
  language: string | null;
  /** Columns that differ by company as this one has them; null: as JSON by company, as Odoo keeps them. */
  companyId: number | null;
}

export interface ChosenField {
  field: string;
  /** Its name in the body. */
  as: string;
}

export interface ShapedRelation {
  /** Its name in the body. */
  as: string;
  /** Fields of its records, in this order; null: all. */
  fields: readonly ChosenField[] | null;
  /** An Odoo domain over its records: only those for which it holds; null: all. */
  filter: unknown;
}
