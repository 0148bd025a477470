import Community

/// The rules for replicas.
extension ConformanceRule {
  /// Every rule for replicas, in the order in which they are tested.
  package static let ofReplicas: [ConformanceRule] =
    replicaPushes + replicaCuts + replicaBodies + replicaBelief + replicaStops + replicaRelaying
    + replicaSegments
    + replicaBalances + replicaUnseen
}
