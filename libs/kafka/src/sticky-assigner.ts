import kafkajs from 'kafkajs';
import type { Assigner, GroupMember, GroupMemberAssignment } from 'kafkajs';

/** What is assigned as one: a partition of one topic, or a partition number of all topics. */
interface Unit {
  name: string;
  partitions: { topic: string; partition: number }[];
}

interface Member {
  id: string;
  topics: ReadonlySet<string>;
  /** Names of the units it had before, so that it can keep them. */
  owned: ReadonlySet<string>;
}

/**
 * Spreads partitions evenly and leaves them where they are as far as that allows. With `coPartition` the
 * partitions of one number go to the same member in all topics.
 */
export function assign(
  partitionsByTopic: ReadonlyMap<string, readonly number[]>,
  members: readonly Member[],
  coPartition: boolean,
): Map<string, Unit[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const units = unitsOf(partitionsByTopic, coPartition);
  const assigned = new Map<string, Unit[]>(sorted.map(({ id }) => [id, []]));
  const most = Math.ceil(units.length / sorted.length);
  const homeless: Unit[] = [];
  // As many members as there are left over units may hold one more than the others.
  let mayHoldMost = units.length - Math.floor(units.length / sorted.length) * sorted.length || sorted.length;
  for (const unit of units) {
    const owner = sorted.find((member) => member.owned.has(unit.name) && reads(member, unit));
    const held = owner === undefined ? undefined : assigned.get(owner.id);
    if (held !== undefined && (held.length < most - 1 || (held.length < most && mayHoldMost > 0))) {
      held.push(unit);
      mayHoldMost -= held.length === most ? 1 : 0;
    } else {
      homeless.push(unit);
    }
  }
  for (const unit of homeless) {
    leastLoaded(sorted, assigned, unit)?.push(unit);
  }
  return assigned;
}

function leastLoaded(
  members: readonly Member[],
  assigned: ReadonlyMap<string, Unit[]>,
  unit: Unit,
): Unit[] | undefined {
  let least: Unit[] | undefined;
  for (const member of members) {
    const held = assigned.get(member.id);
    if (held !== undefined && reads(member, unit) && (least === undefined || held.length < least.length)) {
      least = held;
    }
  }
  return least;
}

/** While topics appear, members may know different ones; a partition goes to no one who does not read it. */
function reads(member: Member, unit: Unit): boolean {
  return unit.partitions.some(({ topic }) => member.topics.has(topic));
}

function unitsOf(partitionsByTopic: ReadonlyMap<string, readonly number[]>, coPartition: boolean): Unit[] {
  const units = new Map<string, Unit>();
  for (const topic of [...partitionsByTopic.keys()].sort()) {
    for (const partition of partitionsByTopic.get(topic) ?? []) {
      const name = coPartition ? String(partition) : `${topic}/${partition}`;
      const unit = units.get(name);
      if (unit === undefined) {
        units.set(name, { name, partitions: [{ topic, partition }] });
      } else {
        unit.partitions.push({ topic, partition });
      }
    }
  }
  return [...units.values()];
}

/** The assigner as kafkajs wants it; `owned` tells what this member has now. */
export function stickyAssigner(options: {
  coPartition: boolean;
  partitionsOf(topic: string): readonly number[];
  owned(): Iterable<{ topic: string; partition: number }>;
}): Assigner {
  const name = options.coPartition ? 'relay-co-partition' : 'relay-sticky';
  const { AssignerProtocol } = kafkajs;
  return {
    name,
    version: 1,
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: 1,
        topics,
        userData: Buffer.from(JSON.stringify(ownedNames(options))),
      }),
    }),
    assign: ({ members }) => {
      const read = members.map(readMember);
      const topics = new Set(read.flatMap((member) => [...member.topics]));
      const partitions = new Map(Array.from(topics, (topic) => [topic, options.partitionsOf(topic)]));
      const assigned = assign(partitions, read, options.coPartition);
      return Promise.resolve(read.map((member) => encode(member, assigned.get(member.id) ?? [])));
    },
  };
}

function ownedNames(options: Parameters<typeof stickyAssigner>[0]): string[] {
  const names = new Set<string>();
  for (const { topic, partition } of options.owned()) {
    names.add(options.coPartition ? String(partition) : `${topic}/${partition}`);
  }
  return [...names];
}

function readMember({ memberId, memberMetadata }: GroupMember): Member {
  const metadata = kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata);
  return {
    id: memberId,
    topics: new Set(metadata?.topics),
    owned: new Set(readOwned(metadata?.userData)),
  };
}

function readOwned(userData: Buffer | undefined): string[] {
  try {
    const names: unknown = JSON.parse(userData?.toString() ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

function encode(member: Member, units: readonly Unit[]): GroupMemberAssignment {
  const assignment: Record<string, number[]> = {};
  for (const { topic, partition } of units.flatMap((unit) => unit.partitions)) {
    if (member.topics.has(topic)) {
      (assignment[topic] ??= []).push(partition);
    }
  }
  return {
    memberId: member.id,
    memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
      version: 1,
      assignment,
      userData: Buffer.alloc(0),
    }),
  };
}
