internal import Configuration

/// A server that acknowledged commits, as far as a client can tell which one it is.
package struct AnsweringServer: Sendable, Equatable {
    /// The node's name; nil where neither the path nor the configuration tells.
    package var node: String?
    /// Its own numeric address; nil over a Unix socket.
    package var address: String?
    /// Its own port; nil over a Unix socket.
    package var port: Int?
    /// The timeline that it wrote on; nil: it didn't say.
    ///
    /// The same server on another timeline is another one here.
    package var timeline: Int?

    /// A server by its parts.
    package init(node: String? = nil, address: String? = nil, port: Int? = nil, timeline: Int? = nil) {
        self.node = node
        self.address = address
        self.port = port
        self.timeline = timeline
    }

    /// As a sentence names it.
    package var text: String {
        let place = address.map { ServerAddress(host: $0, port: port ?? ServerAddress.defaultPort).text }
        let name = [node, place.map { node == nil ? $0 : "(\($0))" }].compactMap(\.self).joined(separator: " ")
        let known = name.isEmpty ? "a server on a Unix socket" : name
        return timeline.map { "\(known), timeline \($0)" } ?? known
    }
}
