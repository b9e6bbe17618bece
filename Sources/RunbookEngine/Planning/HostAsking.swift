/// How planning gets to know what the hosts are like.
package struct HostAsking: Sendable {
    /// How old an answer may be of a host that only a person changes; nil: all are asked now.
    package var keptWithin: Duration?
    /// The nodes whose hosts were found silent just now, and are not asked again.
    package var silent: Set<String>

    /// A way to ask by its parts.
    package init(keptWithin: Duration? = nil, silent: Set<String> = []) {
        self.keptWithin = keptWithin
        self.silent = silent
    }

    /// All hosts are asked.
    package static let now = HostAsking()
}
