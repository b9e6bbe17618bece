package import Essentials

/// What can happen to the network of a lab.
///
/// Nothing that was under way is told of it, as with a cable that is pulled: no reset, no error, only silence.
extension LabNetwork {
    /// Pulls a host's cable: nobody reaches it, and it reaches nobody.
    package func cut(_ host: String) async throws(Failure) { try await setPort(of: host, "down") }

    /// Puts it back.
    package func plug(_ host: String) async throws(Failure) { try await setPort(of: host, "up") }

    /// Has everything that goes between a host and others be lost, in both directions.
    package func cut(_ host: String, from others: String...) async throws(Failure) {
        for other in others {
            try await lose(from: host, to: other)
            try await lose(from: other, to: host)
        }
    }

    /// Has everything be lost that one host sends to another; what the other sends arrives.
    package func lose(from sender: String, to receiver: String) async throws(Failure) {
        try await nft("add element bridge lab cuts { \(address(of: sender)) . \(address(of: receiver)) }")
    }

    /// Makes all of it whole again.
    package func heal() async throws(Failure) {
        try await nft("flush set bridge lab cuts")
        try await ip(record.switchNamespace, record.hosts.values.map { "link set dev p\($0) up" })
    }

    /// Ends all that runs on a host, its cable pulled before: nobody gets so much as a reset from it.
    package func switchOff(_ host: String) async throws(Failure) {
        try await cut(host)
        let words = switchingOff(host)
        try await Program(words[0], Array(words.dropFirst()), purpose: "switch host \"\(host)\" off").run()
    }

    private func setPort(of host: String, _ state: String) async throws(Failure) {
        guard let number = record.hosts[host] else {
            throw Failure(
                .lab, "there is no host \"\(host)\" in the lab's network",
                hint: "It has: \(record.hosts.keys.sorted().joined(separator: ", ")).")
        }
        try await ip(record.switchNamespace, ["link set dev p\(number) \(state)"])
    }
}
