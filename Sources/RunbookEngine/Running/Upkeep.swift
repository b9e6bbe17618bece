internal import Configuration
package import Essentials

extension RunSessions {
    /// Has ready what a run would open first.
    ///
    /// To each server that is one connection to act over, and one for the lock of the cluster, which isn't taken. Those
    /// that are there are tried; what fails is opened when it is needed.
    package func prepare(until deadline: Deadline) async {
        async let locks: Void = ClusterLock.prepare(self, until: deadline)
        await withTaskGroup(of: Void.self) { group in
            for node in cluster.nodes {
                group.addTask { _ = try? await self.query("SELECT 1", on: node.name, until: deadline) }
            }
        }
        await locks
    }
}
