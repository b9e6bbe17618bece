package import Configuration
import Essentials
import Postgres
package import SSH

extension HostSurvey {
    /// Looks at the hosts of all nodes at once and tries the replication logins to the candidates; changes nothing.
    /// - Parameters:
    ///   - candidates: the nodes whose promotion is thought of.
    ///   - secrets: where passphrases of keys come from that have no `askpass`.
    package static func take(
        of cluster: ClusterConfiguration, candidates: [String], timeout: Duration, secrets: Secrets = .none
    ) async -> HostSurvey {
        guard cluster.nodes.contains(where: { $0.ssh != nil }) else {
            return HostSurvey(checks: [], logins: [], certificates: [:])
        }
        let deadline = Deadline.after(timeout)
        return await withTaskGroup(of: (Int, HostSurvey).self) { group in
            for (index, node) in cluster.nodes.enumerated() {
                group.addTask {
                    let visit = Visit(node: node, cluster: cluster, deadline: deadline)
                    return (index, await visit.survey(to: candidates, secrets))
                }
            }
            var parts = [HostSurvey?](repeating: nil, count: cluster.nodes.count)
            for await (index, part) in group { parts[index] = part }
            return parts.compactMap(\.self).reduce(into: HostSurvey(checks: [], logins: [], certificates: [:])) {
                $0.checks += $1.checks
                $0.logins += $1.logins
                $0.certificates.merge($1.certificates) { $1 }
            }
        }
    }
}

/// What is asked on one host.
private struct Visit {
    var node: NodeConfiguration
    var cluster: ClusterConfiguration
    var deadline: Deadline

    func survey(to candidates: [String], _ secrets: Secrets) async -> HostSurvey {
        var survey = HostSurvey(checks: [], logins: [], certificates: [:])
        do throws(Failure) {
            let shell = try NodeShell(node, secrets: secrets)
            let (facts, check) = try await shell.check(until: deadline)
            survey.checks = [check]
            guard let toolbox = try? Toolbox(node, facts) else { return survey }
            for name in candidates where name != node.name {
                if let login = try await login(to: name, by: toolbox, over: shell) { survey.logins.append(login) }
            }
            if candidates.contains(node.name), let certificate = try await certificate(facts, over: shell) {
                survey.certificates[node.name] = certificate
            }
        } catch {
            if survey.checks.isEmpty { survey.checks = [HostCheck(node, unreached: error)] }
        }
        return survey
    }

    /// As the node's walreceiver would do it; nil when it isn't known as whom.
    private func login(
        to name: String, by toolbox: Toolbox, over shell: NodeShell
    ) async throws(Failure) -> HostSurvey.Login? {
        guard let replication = cluster.replication, let target = cluster.node(named: name) else { return nil }
        let refusal: String
        do throws(Failure) {
            let address = try target.replicationAddress()
            let seconds = max(1, min(10, Int(deadline.remaining.seconds)))
            let connection = try replication.replacing(host: address.host, port: address.port)
                .merging(ConnectionString("replication=true connect_timeout=\(seconds) application_name=pgdr"))
            let command = try toolbox.command(
                "psql", ["-X", "-w", "-A", "-t", "-c", "IDENTIFY_SYSTEM", "-d", .word(connection.description)])
            let result = try await shell.run(command, in: .shared, until: deadline)
            if result.succeeded { return HostSurvey.Login(from: node.name, to: name, refusal: nil) }
            let words = result.errorText.split(whereSeparator: \.isNewline).joined(separator: " ")
            refusal = words.isEmpty ? "psql failed" : words
        } catch {
            refusal = error.message
        }
        return HostSurvey.Login(from: node.name, to: name, refusal: refusal)
    }

    private func certificate(
        _ facts: HostFacts, over shell: NodeShell
    ) async throws(Failure) -> HostSurvey.Certificate? {
        // In a container the paths are others, and there is no openssl as a rule.
        if case .container = node.service { return nil }
        guard let program = facts.programs?.path(of: "postgres"), let data = facts.dataDirectory,
            data.majorVersion != nil
        else { return nil }
        let words = HostScript.words(
            HostScript.certificate, "pgdr-certificate", [program, data.path] + data.startOptions)
        let result = try await shell.run(HostCommand(words), in: .shared, until: deadline)
        return HostSurvey.Certificate(answer: result.outputText)
    }
}

extension HostSurvey.Certificate {
    /// Reads the answer of `certificate.sh`.
    package init?(answer: String) {
        let text = answer.prefix { !$0.isNewline }
        let rest = text.drop { $0 != " " }.trimmingSpaces
        switch text.prefix(while: { $0 != " " }) {
        case "off": self = .none
        case "good": self = .good(rest)
        case "soon": self = .endsSoon(rest)
        case "expired": self = .expired(rest)
        case "unknown": self = .unknown(rest)
        default: return nil
        }
    }
}
