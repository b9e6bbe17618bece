package import Configuration
internal import Essentials
package import Replication
internal import Synchronization

/// Looks at several clusters at once, again and again, and remembers where their primaries stood when.
package final class Survey: Sendable {
    private struct Subject: Sendable {
        var cluster: ClusterConfiguration
        var observer: ClusterObserver
    }

    private let subjects: [Subject]
    private let timeout: Duration?
    private let clocks: Mutex<[LSNClock]>

    /// A survey of those clusters; `timeout` bounds a round in place of each cluster's own.
    package init(_ clusters: [ClusterConfiguration], timeout: Duration? = nil) {
        subjects = clusters.map { Subject(cluster: $0, observer: ClusterObserver($0)) }
        self.timeout = timeout
        clocks = Mutex(clusters.map { _ in LSNClock() })
    }

    /// One report a cluster.
    ///
    /// With `sample` two looks are taken that far apart, and the report says how fast things move. Where one look
    /// leaves a lag open, a second follows a moment later by itself.
    package func reports(sample: Duration?) async -> [ClusterReport] {
        await withTaskGroup(of: (Int, ClusterReport).self) { group in
            for index in subjects.indices { group.addTask { (index, await self.report(on: index, sample: sample)) } }
            var reports = [ClusterReport?](repeating: nil, count: subjects.count)
            for await (index, report) in group { reports[index] = report }
            return reports.compactMap(\.self)
        }
    }

    private func report(on index: Int, sample: Duration?) async -> ClusterReport {
        let first = await look(index)
        if let sample {
            guard await ReadinessLoop.shared.sleep(until: .after(sample)) == .timedOut else {
                return assess(first, index, after: nil)
            }
            return assess(await look(index), index, after: first)
        }
        let report = assess(first, index, after: nil)
        guard needsSecondLook(report), await ReadinessLoop.shared.sleep(until: .after(Self.moment)) == .timedOut else {
            return report
        }
        return assess(await look(index), index, after: nil)
    }

    /// Long enough for a standby that keeps up to replay what it lacked.
    private static let moment: Duration = .milliseconds(150)

    private func look(_ index: Int) async -> ClusterSnapshot {
        let subject = subjects[index]
        let deadline = Deadline.after(timeout ?? subject.cluster.timeout)
        var snapshot = await subject.observer.round(until: deadline)
        if !subject.cluster.thresholds.drillAge.isEmpty {
            // A node that hangs must not hide what the others know.
            let moment = max(deadline, .after(.milliseconds(500)))
            snapshot.drills = await subject.observer.drills(in: snapshot, until: moment)
        }
        clocks.withLock { [snapshot] in $0[index].record(snapshot) }
        return snapshot
    }

    private func assess(_ snapshot: ClusterSnapshot, _ index: Int, after earlier: ClusterSnapshot?) -> ClusterReport {
        let clock = clocks.withLock { $0[index] }
        return Replication.assess(snapshot, subjects[index].cluster.thresholds, clock: clock, after: earlier)
    }
}
