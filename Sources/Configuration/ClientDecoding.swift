import Essentials
import Postgres

extension ClientPath {
    /// Reads the value of `clients`: one connection string, or several by their names.
    static func list(
        _ value: YAMLValue, warnings: inout [ConfigurationWarning]
    ) throws(Failure) -> [ClientPath] {
        guard case .mapping(let entries) = value.content else {
            return [try ClientPath(name: onlyName, value, for: "clients", warnings: &warnings)]
        }
        var paths: [ClientPath] = []
        for entry in entries {
            try Name.check(entry, "path")
            paths.append(try ClientPath(name: entry.key, entry.value, for: entry.key, warnings: &warnings))
        }
        guard !paths.isEmpty else {
            throw .configuration(
                at: value.location, "\"clients\" has no paths",
                hint: "Write it as \"clients: {app: host=... port=6432 dbname=... user=...}\".")
        }
        return paths
    }

    private init(
        name: String, _ value: YAMLValue, for key: String, warnings: inout [ConfigurationWarning]
    ) throws(Failure) {
        let connection = try ConnectionString(value, for: key, warnings: &warnings)
        let endpoints = try ServerEndpoint.list(of: connection, at: value.location)
        if endpoints.count > 1, connection.value(of: "target_session_attrs") == nil {
            warnings.append(
                ConfigurationWarning(
                    location: value.location, text: "clients of path \"\(name)\" take a standby for the primary",
                    hint: "Add target_session_attrs=read-write to the connection string."))
        }
        self.init(name: name, routes: [Route(connection: connection)])
    }
}
