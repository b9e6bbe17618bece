package import Essentials

/// A `pgdr.yaml` that was read and found consistent.
package struct ConfigurationFile: Sendable, Equatable {
    /// The file as the user named it.
    package var path: String
    /// Its clusters, in the file's order; at least one, names are unique.
    package var clusters: [ClusterConfiguration]
    /// What works but should be changed, in the file's order.
    package var warnings: [ConfigurationWarning]
    /// Where the audit log lies.
    package var auditDirectory: String
    /// Where the operator's own runbooks lie; nil: there are none.
    package var runbooks: String?
    /// What depends on the clusters; nil: not said.
    package var estate: EstateConfiguration?

    /// Reads and parses the file at `path`.
    /// - Throws: `configuration`, with line and column when the content is at fault.
    package static func load(path: String) throws(Failure) -> ConfigurationFile {
        let content = try FileContent.read(path)
        var file = try parse(yaml: content.text, path: path)
        if content.isReadableByOthers, let password = file.warnings.first(where: \.isAboutPassword) {
            file.warnings.append(
                ConfigurationWarning(
                    location: password.location,
                    text: "the file holds a password and other users of this machine can read it",
                    hint: "Run: chmod 600 '\(path)'"))
        }
        return file
    }

    /// Parses the text of a file; `path` only names it in errors.
    /// - Throws: `configuration`, with line and column.
    package static func parse(yaml: String, path: String) throws(Failure) -> ConfigurationFile {
        let yaml = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
        guard let root = try YAMLDocument.read(yaml, path: path) else {
            throw Failure(
                .configuration, "configuration file \"\(path)\" is empty", hint: "Write one with: pgdr init CONNINFO")
        }
        let fields = try root.fields(
            "a mapping with the key \"clusters\"", for: path,
            known: ["clusters", "audit_directory", "runbooks", "estate"])
        guard let value = fields["clusters"] else {
            throw .configuration(at: root.location, "no clusters", hint: "Write one with: pgdr init CONNINFO")
        }
        var file = ConfigurationFile(
            path: path, clusters: [], warnings: [], auditDirectory: LocalPath.beside(path, "audit"))
        if let value = fields["audit_directory"] {
            file.auditDirectory = try LocalPath.read(value, for: "audit_directory", file: path)
        }
        if let value = fields["runbooks"] {
            file.runbooks = try LocalPath.read(value, for: "runbooks", file: path)
        }
        for entry in try value.entries("a mapping of clusters", for: "clusters") {
            file.clusters.append(try ClusterConfiguration(entry, warnings: &file.warnings))
        }
        guard !file.clusters.isEmpty else {
            throw .configuration(at: value.location, "no clusters", hint: "Write one with: pgdr init CONNINFO")
        }
        if let value = fields["estate"] {
            file.estate = try EstateConfiguration(value, clusters: file.clusters, warnings: &file.warnings)
        } else if let cluster = file.clusters.first(where: { $0.failover.after == .estate }) {
            throw .configuration(
                at: value.location, "cluster \"\(cluster.name)\" has \"after: estate\", and there is no estate",
                hint: "Add \"estate:\"; see an example with: pgdr estate example")
        }
        return file
    }

    /// The cluster called `name`; without a name the only one there is.
    /// - Throws: `configuration` when there is no such cluster, or several and no name.
    package func cluster(named name: String?) throws(Failure) -> ClusterConfiguration {
        let names = clusters.map(\.name)
        guard let name else {
            guard clusters.count == 1, let cluster = clusters.first else {
                throw Failure(
                    .configuration, "\"\(path)\" has \(clusters.count) clusters and none was chosen",
                    detail: "Clusters: \(quotedList(names)).", hint: "Choose one with --cluster NAME.")
            }
            return cluster
        }
        if let cluster = clusters.first(where: { $0.name == name }) { return cluster }
        let hint = NearestName.hint(for: name, among: names)
        throw Failure(
            .configuration, "there is no cluster\(name.echo) in \"\(path)\"", detail: "Clusters: \(quotedList(names)).",
            hint: hint)
    }
}
