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
  /** In which generation of the group it had them: the last one counts. */
  generation: number;
}

/** What a member tells the one that assigns. */
interface Claim {
  owned: string[];
  generation: number;
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
    const owner = latest(sorted.filter((member) => member.owned.has(unit.name) && reads(member, unit)));
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

function latest(members: readonly Member[]): Member | undefined {
  return members.reduce<Member | undefined>(
    (last, member) => (last === undefined || member.generation > last.generation ? member : last),
    undefined,
  );
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

export interface StickyAssignerOptions {
  coPartition: boolean;
  partitionsOf(topic: string): readonly number[];
  /** What this member has now. */
  current(): { generation: number; partitions: readonly { topic: string; partitions: readonly number[] }[] };
}

export function stickyAssigner(options: StickyAssignerOptions): Assigner {
  const name = options.coPartition ? 'relay-co-partition' : 'relay-sticky';
  return {
    name,
    version: 1,
    protocol: ({ topics }) => ({
      name,
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({
        version: 1,
        topics,
        userData: Buffer.from(JSON.stringify(claimOf(options))),
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

function claimOf(options: StickyAssignerOptions): Claim {
  const { coPartition } = options;
  const { generation, partitions } = options.current();
  const names = partitions.flatMap(({ topic, partitions: numbers }) =>
    numbers.map((number) => (coPartition ? String(number) : `${topic}/${number}`)),
  );
  return { generation, owned: [...new Set(names)] };
}

function readMember({ memberId, memberMetadata }: GroupMember): Member {
  const metadata = kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata);
  const { owned, generation } = readClaim(metadata?.userData);
  return { id: memberId, topics: new Set(metadata?.topics), owned: new Set(owned), generation };
}

/** Of another version of this program it may be anything. */
function readClaim(userData: Buffer | undefined): Claim {
  try {
    const { owned, generation } = JSON.parse(userData?.toString() ?? '{}') as Partial<Claim>;
    return {
      owned: Array.isArray(owned) ? owned.filter((name) => typeof name === 'string') : [],
      generation: typeof generation === 'number' ? generation : -1,
    };
  } catch {
    return { owned: [], generation: -1 };
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
