import { changeTopic, tableOf } from '#libs/change';
import type { Kafka } from '#libs/kafka';

/** The topics that a model's changes are and were in, the oldest first: a table that changed may have several. */
export async function topicsOfModel(
  kafka: Pick<Kafka, 'topicsWithPrefix'>,
  database: string,
  model: string,
): Promise<string[]> {
  const first = changeTopic(database, tableOf(model));
  const generations = (await kafka.topicsWithPrefix(first)).flatMap((topic) => {
    const rest = topic.slice(first.length);
    return rest === '' ? [1] : /^-\d+$/.test(rest) ? [Number(rest.slice(1))] : [];
  });
  return generations
    .sort((left, right) => left - right)
    .map((generation) => changeTopic(database, tableOf(model), generation));
}
