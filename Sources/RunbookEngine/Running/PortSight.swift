internal import Configuration
package import Essentials
internal import Hosts
internal import SSH

/// What another host sees of a server's port.
package enum PortSight: Sendable, Equatable {
    /// A postmaster answers there.
    case answering
    /// It takes connections, and nothing answers on them.
    case hung
    /// Nothing takes connections there, in these words.
    case unreachable(String)
    /// The host could not look, in these words.
    case blind(String)

    var isUnreachable: Bool { if case .unreachable = self { true } else { false } }
}

extension RunSessions {
    /// An SSLRequest, which every postmaster answers with one letter before anybody logs in.
    package static let greeting: [UInt8] = [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F]

    /// Has the host of a node or witness connect to a node's server, as standbys do; nothing is run there.
    package func look(at node: String, from host: String, until deadline: Deadline) async -> PortSight {
        guard let address = try? cluster.node(named: node)?.replicationAddress() else {
            return .blind("where node \"\(node)\" listens is not known")
        }
        // What takes long on the way to the host says nothing of the port.
        do throws(Failure) { try await self.host(of: host).open(until: deadline.share(of: 2)) } catch {
            return .blind(error.message)
        }
        do throws(Failure) {
            let reach = try await self.host(of: host).reach(
                address.host, port: address.port, greeting: Self.greeting, until: deadline.share(of: 2))
            switch reach {
            case .answered: return .answering
            case .silent: return .hung
            case .failed(let words): return .unreachable(words)
            case .forbidden(let words): return .blind(words)
            }
        } catch {
            guard error.code == .timeout else { return .blind(error.message) }
            // It gets neither a yes nor a no there: what a host that is gone looks like. Unless it hangs itself.
            let isThere = (try? await self.host(of: host).open(until: deadline)) != nil
            return isThere ? .unreachable("no answer in time") : .blind("no answer in time")
        }
    }
}
