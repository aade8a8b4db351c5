// Prints what Kafka's assignors of consumer groups give out, for random groups that grow, shrink and change their
// subscriptions; src/group/testdata/assignments.txt holds it.
//
//     java -cp 'JARS/*' tests/clients/RecordAssignments.java > src/group/testdata/assignments.txt
//
// JARS is a folder as record_kafka.py wants it.

import java.util.*;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.*;
import org.apache.kafka.coordinator.group.assignor.*;
import org.apache.kafka.coordinator.group.modern.*;

public class RecordAssignments {
    static final Random RANDOM = new Random(848);

    record Subscribed(Optional<String> instanceId, Set<Uuid> subscribedTopicIds) implements MemberSubscription {
        public Optional<String> rackId() {
            return Optional.empty();
        }
    }

    record Held(Map<Uuid, Set<Integer>> partitions) implements MemberAssignment {}

    /** As the coordinator keeps a member's target, which it reads back from its log. */
    static Map<Uuid, Set<Integer>> stored(Map<Uuid, Set<Integer>> assigned) {
        Map<Uuid, Set<Integer>> copy = new HashMap<>();
        assigned.forEach((topic, parts) ->
            copy.put(topic, Collections.unmodifiableSet(new HashSet<>(new ArrayList<>(parts)))));
        return Collections.unmodifiableMap(copy);
    }

    static class Group implements GroupSpec, SubscribedTopicDescriber {
        final Map<String, Subscribed> members = new HashMap<>();
        final Map<String, Map<Uuid, Set<Integer>>> targets = new HashMap<>();
        final Map<Uuid, Integer> topics = new LinkedHashMap<>();

        public Collection<String> memberIds() {
            return members.keySet();
        }
        public SubscriptionType subscriptionType() {
            boolean same = members.values().stream().map(Subscribed::subscribedTopicIds).distinct().count() <= 1;
            return same ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        }
        public boolean isPartitionAssigned(Uuid topic, int partition) {
            return targets.values().stream().anyMatch(t -> t.getOrDefault(topic, Set.of()).contains(partition));
        }
        public boolean isPartitionAssignable(Uuid topic, int partition) {
            return true;
        }
        public MemberSubscription memberSubscription(String id) {
            return members.get(id);
        }
        public MemberAssignment memberAssignment(String id) {
            return new Held(targets.getOrDefault(id, stored(Map.of())));
        }
        public int numPartitions(Uuid topic) {
            return topics.getOrDefault(topic, -1);
        }
        public Set<String> racksForPartition(Uuid topic, int partition) {
            return Set.of();
        }
    }

    /** The first bucket of a HashMap's. Elements of one are in the order of their insertion, which nobody can see. */
    static int bucket(Object element) {
        int hash = element.hashCode();
        return (hash ^ (hash >>> 16)) & 15;
    }

    static boolean isAlone(Object element, Collection<?> others) {
        return others.stream().noneMatch(other -> bucket(other) == bucket(element));
    }

    static Uuid topic(Collection<Uuid> others) {
        while (true) {
            Uuid id = new Uuid(RANDOM.nextLong(), RANDOM.nextLong());
            if (isAlone(id, others)) return id;
        }
    }

    static String member(Collection<String> others) {
        while (true) {
            String id = "m" + Long.toString(Math.abs(RANDOM.nextLong()), 36);
            if (isAlone(id, others)) return id;
        }
    }

    static String hex(Uuid id) {
        return String.format("%016x%016x", id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    /** Topics are told by their numbers in the group's line. */
    static String text(Group group, Map<Uuid, Set<Integer>> assigned) {
        List<String> parts = new ArrayList<>();
        int number = 0;
        for (Uuid topic : group.topics.keySet()) {
            for (int partition : new TreeSet<>(assigned.getOrDefault(topic, Set.of()))) parts.add(number + "/" + partition);
            number++;
        }
        return parts.isEmpty() ? "-" : String.join(",", parts);
    }

    static String list(Group group, Set<Uuid> ids) {
        List<String> texts = new ArrayList<>();
        int number = 0;
        for (Uuid topic : group.topics.keySet()) {
            if (ids.contains(topic)) texts.add(Integer.toString(number));
            number++;
        }
        return texts.isEmpty() ? "-" : String.join(",", texts);
    }

    static void assign(Group group, ConsumerGroupPartitionAssignor assignor) {
        GroupAssignment made = assignor.assign(group, group);
        System.out.println("assign " + assignor.name());
        for (String id : new TreeSet<>(group.members.keySet())) {
            Subscribed member = group.members.get(id);
            MemberAssignment now = made.members().get(id);
            Map<Uuid, Set<Integer>> target = now == null ? Map.of() : now.partitions();
            System.out.println("  " + id + " " + member.instanceId().orElse("-") + " "
                + list(group, member.subscribedTopicIds()) + " " + text(group, target));
            group.targets.put(id, stored(target));
        }
        group.targets.keySet().retainAll(group.members.keySet());
    }

    static void run(boolean mixed, int maxMembers, int maxTopics, int maxPartitions) {
        Group group = new Group();
        List<Uuid> topics = new ArrayList<>();
        int count = 1 + RANDOM.nextInt(maxTopics);
        StringBuilder line = new StringBuilder("group");
        for (int i = 0; i < count; i++) {
            topics.add(topic(topics));
            group.topics.put(topics.get(i), 1 + RANDOM.nextInt(maxPartitions));
            line.append(" ").append(hex(topics.get(i))).append("=").append(group.topics.get(topics.get(i)));
        }
        System.out.println(line);
        ConsumerGroupPartitionAssignor assignor = RANDOM.nextInt(4) == 0 ? new RangeAssignor() : new UniformAssignor();
        for (int step = 0; step < 8; step++) {
            int change = 1 + RANDOM.nextInt(3);
            for (int i = 0; i < change; i++) {
                List<String> ids = new ArrayList<>(new TreeSet<>(group.members.keySet()));
                if (ids.size() < maxMembers && (ids.isEmpty() || RANDOM.nextInt(3) > 0)) {
                    String id = member(ids);
                    Optional<String> instance = RANDOM.nextInt(4) == 0 ? Optional.of("i" + RANDOM.nextInt(100000)) : Optional.empty();
                    Set<Uuid> own = new HashSet<>(topics);
                    if (mixed) own.removeIf(t -> RANDOM.nextInt(2) == 0);
                    group.members.put(id, new Subscribed(instance, own));
                } else if (ids.size() > 1) {
                    String id = ids.get(RANDOM.nextInt(ids.size()));
                    group.members.remove(id);
                    group.targets.remove(id);
                }
            }
            assign(group, assignor);
        }
    }

    public static void main(String[] args) {
        System.out.println("# made by tests/clients/RecordAssignments.java, of Kafka 4.1.1: topics of a group with their"
            + " partitions; of each assignment the members: id, instance, subscription, target");
        for (int i = 0; i < 14; i++) run(false, 6, 3, 8);
        for (int i = 0; i < 14; i++) run(true, 6, 5, 8);
        run(false, 12, 12, 9);
        run(true, 12, 12, 9);
        run(false, 3, 1, 40);
        run(true, 3, 2, 40);
    }
}
