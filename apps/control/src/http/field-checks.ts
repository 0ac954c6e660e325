import { IsInt, Max, Min, ValidateIf } from 'class-validator';

/** May be left out; null is a value like any other. */
export const MayBeLeftOut = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** A whole number within bounds, with one sentence for whatever is wrong with it. */
export function WholeNumber(
  { min, max }: { min: number; max: number },
  options: { each?: boolean } = {},
): PropertyDecorator {
  const what = options.each === true ? 'must hold whole numbers only, each' : 'must be a whole number';
  const message = `${what} from ${String(min)} to ${String(max)}`;
  return all(
    IsInt({ message, ...options }),
    Min(min, { message, ...options }),
    Max(max, { message, ...options }),
  );
}

/** Several decorators as one; the first check that fails is told. */
export function all(...decorators: PropertyDecorator[]): PropertyDecorator {
  return (target, property) => {
    decorators.forEach((decorate) => {
      decorate(target, property);
    });
  };
}
