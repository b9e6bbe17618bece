internal import Synchronization

/// What was proved a moment ago by this process, and need not be asked again by the step that relies on it.
///
/// The moment is short, and measured on the clock that goes on while the process is stopped: one that was frozen and
/// wakes up asks anew.
final class FreshProofs: Sendable {
    private struct Proof {
        var probe: Probe
        var at: ContinuousClock.Instant
    }

    private let proofs = Mutex<[Proof]>([])

    /// How long a proof is good for.
    private static let lifetime: Duration = .milliseconds(300)

    /// Remembers that a probe held when it was asked at `since`, which may be long ago where the process was frozen.
    func keep(_ probe: Probe, since: ContinuousClock.Instant) {
        proofs.withLock { proofs in
            proofs.removeAll { $0.at.duration(to: .now) > Self.lifetime }
            proofs.append(Proof(probe: probe, at: since))
        }
    }

    /// Whether the probe was found to hold just now.
    func isFresh(_ probe: Probe) -> Bool {
        proofs.withLock { proofs in
            proofs.contains { $0.probe == probe && $0.at.duration(to: .now) <= Self.lifetime }
        }
    }
}
